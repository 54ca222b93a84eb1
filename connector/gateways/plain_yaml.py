"""YAML as people write it by hand, and nothing else that YAML can do.

Every value knows the line it stands on, so that a mistake can be pointed at. It refuses anchors and
aliases (a small file could become a huge one), tags, several documents, a key that stands twice,
files that are too large or too deep, and never guesses: 10:00, NO and 2026-11-23 are words here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

LARGEST = 128 * 1024
DEEPEST = 12

_NOT_YAML = (
    "it cannot be read from here on; often a quote or a colon is missing, "
    "or a line is not set in like the others"
)

Path = tuple[str | int, ...]


class NotPlainError(Exception):
    """The text is not plain YAML. The message says on which line, and what."""


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a file, and the line (from 1) on which each part of it stands."""

    value: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of a part, or of what it is missing from."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class Text(str):
    """A string that is written in double quotes on one line, whatever it holds."""

    __slots__ = ()


def read(text: str) -> Document:
    """The value of a YAML file. Raises `NotPlainError`."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise NotPlainError(f"The file is larger than {LARGEST // 1024} KB.")
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotPlainError(f"Line {mark.line + 1 if mark else 1}: {_NOT_YAML}.") from error
    except yaml.YAMLError as error:
        raise NotPlainError("The file holds a character that no text can have.") from error
    lines: dict[Path, int] = {}
    return Document(_value(node, (), lines) if node else None, lines)


def write(value: Any) -> str:
    """A value as YAML in block style, keys in their own order."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=float("inf"),
    )


class _Loader(yaml.SafeLoader):
    """A safe loader that knows only words, whole and decimal numbers, true, false and nothing."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base class has it

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(event, "names that stand for other parts (& and *) are not read here")
        if getattr(event, "tag", None):
            self._refuse(event, "tags (!) are not read here")
        if self._depth >= DEEPEST:
            self._refuse(event, "it is nested too deeply")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refuse(self, event: Any, words: str) -> None:
        raise NotPlainError(f"Line {event.start_mark.line + 1}: {words}.")


_WORDS = {
    "bool": (re.compile(r"^(?:true|false)$"), list("tf")),
    "null": (re.compile(r"^(?:null|~|)$"), ["n", "~", ""]),
    "int": (re.compile(r"^-?(?:0|[1-9][0-9]{0,14})$"), list("-0123456789")),
    "float": (re.compile(r"^-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}$"), list("-0123456789")),
}
for _name, (_pattern, _first) in _WORDS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _pattern, _first)


class _Dumper(yaml.SafeDumper):
    """Block style with lists set in, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def _quoted(dumper: yaml.SafeDumper, text: Text) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')


_Dumper.add_representer(Text, _quoted)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*path, place), lines) for place, one in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise NotPlainError(f"Line {line}: a name has to be a plain word.")
        key = str(key_node.value)
        if key in found:
            raise NotPlainError(f"Line {line}: “{key[:40]}” stands here twice.")
        found[key] = _value(value_node, (*path, key), lines)
        lines[*path, key] = line
    return found


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    return {"bool": text == "true", "null": None}.get(kind, text)
