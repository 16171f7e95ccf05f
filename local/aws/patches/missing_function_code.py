"""On AWS the creation of a function fails if its code is not in the bucket. MiniStack makes a function
without code, and its custom resources wait for their ServiceTimeout."""


def apply() -> None:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    create = provisioners._lambda_create

    def create_function(logical_id, props, stack_name):
        code = props.get("Code", {})
        bucket, key = code.get("S3Bucket"), code.get("S3Key")
        if bucket and key and lambda_svc._fetch_code_from_s3(bucket, key, code.get("S3ObjectVersion")) is None:
            raise ValueError(
                "Resource handler returned message: \"Error occurred while GetObject. S3 Error Code: NoSuchKey. "
                "S3 Error Message: The specified key does not exist. (Service: Lambda, Status Code: 400)\" "
                "(HandlerErrorCode: InvalidRequest)"
            )
        return create(logical_id, props, stack_name)

    provisioners._lambda_create = create_function
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]["create"] = create_function
