"""RotateSecret makes a pending version without a value and invokes the rotation function with four steps, all of
them again if one fails (https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_how.html). A
pending version that is not the current one is taken up again (API_RotateSecret). The text of a version never
changes (API_PutSecretValue). MiniStack copies the current text into a new current version, and has no
AWS::SecretsManager::RotationSchedule."""

import contextvars
import logging
import threading
import time

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ATTEMPTS = 3
PAUSE_SECONDS = 0.2

logger = logging.getLogger("ministack")


def apply() -> None:
    from ministack.services import lambda_svc, secretsmanager as sm
    from ministack.services.cloudformation import provisioners

    get_value, put_value = sm._get_secret_value, sm._put_secret_value

    def refuse(code, message):
        return sm.error_response_json(code, message, 400)

    def get_secret_value(data):
        _, secret = sm._resolve(data.get("SecretId"))
        version = None
        if secret:
            wanted = data.get("VersionId")
            if wanted:
                version = secret["Versions"].get(wanted)
            else:
                _, version = sm._find_stage_version(secret, data.get("VersionStage", "AWSCURRENT"))
        if version and version["SecretString"] is None and version["SecretBinary"] is None:
            return refuse(
                "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for the version."
            )
        return get_value(data)

    def put_secret_value(data):
        _, secret = sm._resolve(data.get("SecretId"))
        version = secret and secret["Versions"].get(data.get("ClientRequestToken"))
        text = version and version["SecretString"]
        if text is not None and text != data.get("SecretString"):
            return refuse(
                "ResourceExistsException", "You can't modify an existing version, you can only create a new version."
            )
        stages = data.get("VersionStages", ["AWSCURRENT"])
        if text is not None and set(stages) <= set(version["Stages"]):
            return sm.json_response({"ARN": secret["ARN"], "Name": secret["Name"],
                                     "VersionId": data["ClientRequestToken"], "VersionStages": version["Stages"]})
        answer = put_value(data)
        if secret and answer[0] < 400 and data.get("ClientRequestToken"):
            # A label is on one version only.
            for stage in stages:
                sm._remove_stage_everywhere(secret, stage, except_version_id=data["ClientRequestToken"])
        return answer

    def run(func, secret, token, step):
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
        result = lambda_svc._execute_function_with_config_scope(func, event)
        if result.get("log"):
            logger.info("rotation of %s, %s:\n%s", secret["Name"], step, result["log"])
        return not result.get("error")

    def rehearse(func, secret, token):
        # Without a rotation at once, the step testSecret tries the configuration (API_RotateSecret).
        run(func, secret, token, "testSecret")
        sm._remove_stage(secret, token, "AWSPENDING")

    def rotate(func, secret, token):
        for _ in range(ATTEMPTS):
            for step in STEPS:
                if not run(func, secret, token, step):
                    break
            else:
                secret["LastRotatedDate"] = int(time.time())
                return
            time.sleep(PAUSE_SECONDS)

    def rotate_secret(data):
        _, secret = sm._resolve(data.get("SecretId"))
        if not secret:
            return refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if sm._is_replica(secret):
            return sm._replica_mutation_error()
        arn = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        if not arn:
            return refuse(
                "InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."
            )
        func, _, _ = lambda_svc._get_func_record_for_ref(arn)
        if func is None or not admits(func, secret["ARN"]):
            return refuse(
                "AccessDeniedException",
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
                "access to the principal secretsmanager.amazonaws.com.",
            )
        secret["RotationLambdaARN"] = arn
        secret["RotationRules"] = data.get("RotationRules") or secret.get("RotationRules")
        secret["RotationEnabled"] = True
        pending, _ = sm._find_stage_version(secret, "AWSPENDING")
        current, _ = sm._find_stage_version(secret, "AWSCURRENT")
        is_unfinished = pending is not None and pending != current
        token = pending if is_unfinished else data.get("ClientRequestToken") or sm.new_uuid()
        if not is_unfinished:
            secret["Versions"][token] = {
                "SecretString": None, "SecretBinary": None, "CreatedDate": int(time.time()), "Stages": [],
            }
            sm._remove_stage_everywhere(secret, "AWSPENDING")
            sm._add_stage(secret, token, "AWSPENDING")
        context = contextvars.copy_context()
        work = rehearse if data.get("RotateImmediately") is False else rotate
        threading.Thread(target=context.run, args=(work, func, secret, token), daemon=True).start()
        if is_unfinished:
            return refuse(
                "InvalidRequestException",
                "A previous rotation isn't complete. That rotation will be reattempted.",
            )
        return sm.json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})

    sm._get_secret_value, sm._put_secret_value, sm._rotate_secret = get_secret_value, put_secret_value, rotate_secret

    def schedule(secret_id, props):
        answer = sm._rotate_secret({
            "SecretId": secret_id,
            "RotationLambdaARN": props.get("RotationLambdaARN"),
            "RotationRules": props.get("RotationRules"),
            # CloudFormation rotates at once unless the template says no.
            "RotateImmediately": str(props.get("RotateImmediatelyOnUpdate", "true")).lower() == "true",
        })
        if answer[0] >= 400:
            raise ValueError(f"AWS::SecretsManager::RotationSchedule failed: {answer[2]!r}")

    def create(logical_id, props, stack_name):
        schedule(props["SecretId"], props)
        return props["SecretId"], {"Id": props["SecretId"]}

    def update(physical_id, old_props, new_props, stack_name, logical_id=None):
        schedule(new_props["SecretId"], new_props)
        return new_props["SecretId"], {"Id": new_props["SecretId"]}

    def delete(physical_id, props):
        _, secret = sm._resolve(physical_id)
        if secret:
            secret["RotationEnabled"] = False

    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::RotationSchedule"] = {
        "create": create, "update": update, "delete": delete,
    }


def admits(func, secret_arn) -> bool:
    """Whether the function's policy lets Secrets Manager invoke it for this secret."""
    for statement in func.get("policy", {}).get("Statement", []):
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, dict) else principal
        if service != "secretsmanager.amazonaws.com":
            continue
        conditions = statement.get("Condition", {})
        source = {k.lower(): v for c in conditions.values() for k, v in c.items()}
        account = secret_arn.split(":")[4]
        if source.get("aws:sourceaccount", account) == account and \
                source.get("aws:sourcearn", secret_arn) == secret_arn:
            return True
    return False
