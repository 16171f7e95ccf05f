"""Fn::GetAtt gives strings: `true` in the Data of an answer becomes "true". MiniStack keeps the JSON value,
refuses it as an output, and writes "True" into an Fn::Sub."""

import json


def apply() -> None:
    from ministack.services.cloudformation import custom_resource

    deliver = custom_resource.deliver_response

    def deliver_response(token, response):
        data = response.get("Data")
        if isinstance(data, dict):
            response = {**response, "Data": {key: _text(value) for key, value in data.items()}}
        return deliver(token, response)

    custom_resource.deliver_response = deliver_response


def _text(value):
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value
