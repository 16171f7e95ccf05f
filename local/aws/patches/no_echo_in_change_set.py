"""AWS masks a NoEcho parameter in DescribeChangeSet, as in DescribeStacks. MiniStack prints it."""

from patches import _patching


def apply() -> None:
    from ministack.services.cloudformation import changesets

    create = changesets._create_change_set

    def create_change_set(params):
        from ministack.services.cloudformation import _change_sets

        response = create(params)
        for change_set in _change_sets.values():
            values = change_set.get("_resolved_params", {})
            for parameter in change_set.get("Parameters", []):
                # The mask changes only the description: the change set is executed from _resolved_params.
                if values.get(parameter["ParameterKey"], {}).get("NoEcho"):
                    parameter["ParameterValue"] = "****"
        return response

    _patching.replace(create, create_change_set)
