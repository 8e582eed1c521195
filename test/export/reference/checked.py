"""Classes that refuse values of other types than they declare, as far down as the declarations go."""

import dataclasses
import types
import typing


def checked(cls):
    made = dataclasses.dataclass(cls)
    first = made.__init__

    def init(self, *args, **kwargs):
        first(self, *args, **kwargs)
        for name, hint in typing.get_type_hints(made).items():
            value = getattr(self, name)
            if not fits(value, hint):
                raise TypeError(f"{made.__name__}.{name} must be {hint}, found {value!r}")

    made.__init__ = init
    return made


def fits(value, hint):
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any:
        return True
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is list:
        return isinstance(value, list) and all(fits(item, inner[0]) for item in value)
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(item, inner[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    return isinstance(value, hint)
