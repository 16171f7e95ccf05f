"""CloudFormation refuses a template that holds a null (aws-cloudformation/cloudformation-coverage-roadmap, issue
1378; cfn-lint, rule E0000). MiniStack hands it on."""

from patches import _patching


def nulls(node, path):
    if node is None:
        yield path
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from nulls(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from nulls(value, f"{path}/{index}")


def apply() -> None:
    from ministack.services.cloudformation import engine

    validate = engine.validate_template_support

    def validate_template_support(template, conditions, params=None):
        found = next(nulls(template, ""), None)
        if found is not None:
            raise ValueError(f"Template format error: [{found}] 'null' values are not allowed in templates")
        validate(template, conditions, params)

    _patching.replace(validate, validate_template_support)
