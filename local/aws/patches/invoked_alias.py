"""A function reads the alias by which API Gateway or a load balancer invoked it in invokedFunctionArn
(https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html). MiniStack names the alias in its own
Invoke only; the other services hand the function the plain ARN."""


def apply() -> None:
    from ministack.services import lambda_svc

    look_up = lambda_svc._get_func_record_for_ref_in_scope

    def record_for_ref(function_ref, **scope):
        func, config, name = look_up(function_ref, **scope)
        _, qualifier = lambda_svc._resolve_name_and_qualifier(function_ref)
        if config is not None and qualifier:
            function_arn = ":".join(config["FunctionArn"].split(":")[:7])
            config = {**config, "FunctionArn": f"{function_arn}:{qualifier}"}
        return func, config, name

    lambda_svc._get_func_record_for_ref_in_scope = record_for_ref
