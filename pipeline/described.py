"""What pydantic says of a model in JSON Schema, with what it leaves out: digits, zones, names of aliases."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from pipeline.errors import ConfigError

INTEGER_DIGITS = 18
"""Digits that any number of 64 bits may have."""

DECIMALS = 6
"""Decimals that are kept where a model does not declare decimal_places."""

F = TypeVar("F", bound=Mapping[str, Any])


def described(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON Schema, with properties named as the model validates them.

    Beyond JSON Schema it says `decimals` and `digits` of a decimal, `zoned-date-time` as a format, and
    `refused` with a reason for what has no form in JSON.

    Raises:
        ConfigError: A field is read from inside another value, so that no property leads to it.
    """
    return model.model_json_schema(schema_generator=_Describe)


class _Describe(GenerateJsonSchema):
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as the base has it
    _aliases_count = True

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Fields go by their own names in a model that does not validate aliases."""
        around = self._aliases_count
        self._aliases_count = schema["cls"].model_config.get("validate_by_alias", True)
        described_model = super().model_schema(schema)
        self._aliases_count = around
        return described_model

    def model_fields_schema(self, schema: core_schema.ModelFieldsSchema) -> JsonSchemaValue:
        """Fields with one name each."""
        owner = schema.get("model_name", "")
        fields = {name: self._named(field, f"{owner}.{name}") for name, field in schema["fields"].items()}
        return super().model_fields_schema({**schema, "fields": fields})

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        """Keys with one name each."""
        owner = getattr(schema.get("cls"), "__name__", "")
        fields = {name: self._named(field, f"{owner}.{name}") for name, field in schema["fields"].items()}
        return super().typed_dict_schema({**schema, "fields": fields})

    def dataclass_args_schema(self, schema: core_schema.DataclassArgsSchema) -> JsonSchemaValue:
        """Fields with one name each, without those that the dataclass sets itself."""
        owner, asked = schema["dataclass_name"], [each for each in schema["fields"] if each.get("init", True)]
        fields = [self._named(field, f"{owner}.{field['name']}") for field in asked]
        return super().dataclass_args_schema({**schema, "fields": fields})

    def _named(self, field: F, where: str) -> F:
        """Return a field with the plain one of its aliases, where it has several or is given as a path."""
        alias = field.get("validation_alias")
        if not self._aliases_count:
            return {key: value for key, value in field.items() if key != "validation_alias"}  # type: ignore[return-value] # the same keys
        if alias is None or isinstance(alias, str):
            return field
        paths = [alias] if all(not isinstance(step, list) for step in alias) else alias
        plain = next((path[0] for path in paths if len(path) == 1 and isinstance(path[0], str)), None)
        if plain is None:
            raise ConfigError(
                f"{where}: it is read from inside another value by AliasPath, which cannot be asked for; "
                "give it an alias of its own, or declare the value around it as a model"
            )
        return {**field, "validation_alias": plain}  # type: ignore[return-value] # the same keys

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        """A whole number that is not bounded says how many digits its column holds, whatever they are."""
        bounded = schema.keys() & {"le", "lt"}
        return super().int_schema(schema) | ({} if bounded else {"digits": INTEGER_DIGITS})

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A decimal is a number; its digits are said in words."""
        number = self.float_schema(core_schema.float_schema())
        names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
        names |= {"multiple_of": "multipleOf", "decimal_places": "decimals", "max_digits": "digits"}
        schema = {"decimal_places": DECIMALS, **schema}
        return number | {words: schema[key] for key, words in names.items() if key in schema}  # type: ignore[literal-required] # looked up by name

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """A datetime says whether it wants a zone."""
        zoned = schema.get("tz_constraint") not in (None, "naive")
        return {"type": "string", "format": "zoned-date-time" if zoned else "date-time"}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:  # noqa: ARG002 - as the base has it
        """Leave a mark, so that the message can name the field."""
        return {"refused": f"{schema['type']} has no form in JSON"}
