/** Descriptions of the properties that several types have. No part of the function's bundle. */

export const commonDescriptions = {
  ServiceToken:
    "ARN of the provider's function: Fn::ImportValue of <ExportPrefix>-ServiceToken, or the SSM parameter /<ExportPrefix>/provider/service-token. CloudFormation cannot change it in place.",
  ServiceTimeout:
    'Seconds that CloudFormation waits for the answer, 1 to 3600 (its default is 3600). 1200 leaves time for what Genesys Cloud takes long to show.',
  Nonce:
    'Any text. Another one makes the provider read the object in Genesys Cloud and put right what was changed there by hand.',
  OAuthSecretArn:
    "ARN of the secret of another OAuth client of the same organization. The provider's parameter AdditionalOAuthSecretArns must list it.",
};

export const adoptionDescriptions = {
  AdoptExisting:
    'Whether the object of the same name that is there already is taken over instead of making one (default false). Where there is none, one is made; where there are several, ExistingId says which.',
  ExistingId:
    'Id of an object that is there already, to be taken over. Another id replaces this one by that; in place of AdoptExisting.',
  OnDelete:
    'What a deletion leaves: Delete (default for what was made here) nothing, Retain (default for what was taken over) the object as it is, owned by nobody.',
};
