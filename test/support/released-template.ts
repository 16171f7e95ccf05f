/** A small template as a release has it. The tests of the update check change it and compare the two. */
export const releasedTemplate = `
Parameters:
  Name: { Type: String, Default: a }
  Size: { Type: String, AllowedValues: [small, large], Default: small }
Conditions:
  Creates: !Equals [!Ref Name, '']
Resources:
  Ledger:
    Type: AWS::DynamoDB::Table
    Condition: Creates
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      TableName: !Sub '\${Name}-ledger'
      BillingMode: PAY_PER_REQUEST
  Provider:
    Type: AWS::Lambda::Function
    Properties: { FunctionName: !Sub '\${Name}-provider', MemorySize: 512 }
  Role:
    Type: AWS::IAM::Role
    Properties: { Path: /a/ }
Outputs:
  Token: { Value: !Ref Provider, Export: { Name: !Sub '\${Name}-ServiceToken' } }
`;
