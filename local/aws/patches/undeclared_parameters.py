"""A parameter that the template does not declare is refused (AWS CloudFormation API, CreateStack). MiniStack
ignores it."""

from patches import _patching


def apply() -> None:
    from ministack.services.cloudformation import engine

    resolve = engine._resolve_parameters

    def resolve_parameters(template, provided_params, previous_params=None):
        names = {given["Key"] for given in provided_params if "Key" in given}
        unknown = sorted(names - set(template.get("Parameters") or {}))
        if unknown:
            raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        return resolve(template, provided_params, previous_params)

    _patching.replace(resolve, resolve_parameters)
