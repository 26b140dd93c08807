"""A property computed once for each object, without the lock that Python 3.11 has for all objects of a class.

There, `functools.cached_property` computes under one lock a property: whoever asks it of one board waits for whoever
computes it of another, and fifty readers stand in line behind a thread that has no processor. Python 3.12 took that
lock away; this can go when 3.11 does.
"""

from collections.abc import Callable
from typing import Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class cached_property(Generic[Value]):  # noqa: N801 - it takes the place of Python's
    """Computes a value when it is first asked for, and keeps it with its object.

    Threads that ask at the same time may each compute it; all of them are given what the first of them kept.
    """

    def __init__(self, compute: Callable[..., Value]) -> None:
        """Wrap the method that computes the value."""
        self._compute = compute
        self._name = ""
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Take note under which name the value is kept."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value: ...
    def __get__(self, instance: object | None, owner: type) -> Self | Value:
        """Return the value of an object; what is kept in it is found there before this is asked."""
        if instance is None:
            return self
        value = self._compute(instance)
        kept: Value = instance.__dict__.setdefault(self._name, value)
        return kept
