"""AWS checks AllowedValues for each member of a list parameter, and refuses a value with the parameter's
ConstraintDescription. MiniStack compares the list as one string and prints the allowed values."""

import copy

from patches import _patching

LISTS = ("CommaDelimitedList", "List<")


def apply() -> None:
    from ministack.services.cloudformation import engine

    resolve = engine._resolve_parameters

    def resolve_parameters(template, provided_params, previous_params=None):
        definitions = template.get("Parameters", {})
        without = {name: {k: v for k, v in d.items() if k != "AllowedValues"} for name, d in definitions.items()}
        resolved = resolve({**template, "Parameters": without}, copy.deepcopy(provided_params), previous_params)
        for name, definition in definitions.items():
            allowed = [str(value) for value in definition.get("AllowedValues") or []]
            value = resolved[name]["Value"]
            is_list = str(definition.get("Type", "String")).startswith(LISTS)
            members = [member.strip() for member in value.split(",")] if is_list else [value]
            if allowed and not set(members) <= set(allowed):
                raise engine._constraint_error(
                    name, definition, f"must be one of AllowedValues [{', '.join(allowed)}]"
                )
        return resolved

    _patching.replace(resolve, resolve_parameters)
