"""CloudFormation gives a table its expiry, its point-in-time recovery, its encryption and its resource policy
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html).
MiniStack makes the table without them."""


def apply() -> None:
    from ministack.services import dynamodb
    from ministack.services.cloudformation import provisioners

    create, update = provisioners._ddb_create, provisioners._ddb_update

    def settle(name, props):
        expiry = props.get("TimeToLiveSpecification")
        if expiry:
            dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": expiry})
        recovery = props.get("PointInTimeRecoverySpecification")
        if recovery:
            dynamodb._update_continuous_backups({"TableName": name, "PointInTimeRecoverySpecification": recovery})
        encryption = dict(props.get("SSESpecification") or {})
        if encryption:
            encryption["Enabled"] = encryption.pop("SSEEnabled", False)
            dynamodb._tables[name]["SSEDescription"] = (
                dynamodb._sse_description_from_spec(encryption) if encryption["Enabled"] else None
            )
        policy = (props.get("ResourcePolicy") or {}).get("PolicyDocument")
        if policy:
            text = policy if isinstance(policy, str) else dynamodb.json.dumps(policy)
            dynamodb._put_resource_policy({"ResourceArn": dynamodb._tables[name]["TableArn"], "Policy": text})

    def create_table(logical_id, props, stack_name):
        name, attributes = create(logical_id, props, stack_name)
        settle(name, props)
        return name, attributes

    def update_table(physical_id, old, new, *rest):
        result = update(physical_id, old, new, *rest)
        settle(result[0] if isinstance(result, tuple) else physical_id, new)
        return result

    provisioners._ddb_create, provisioners._ddb_update = create_table, update_table
    provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"].update(create=create_table, update=update_table)
