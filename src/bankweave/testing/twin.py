"""Write the synchronous twin of an asynchronous client, so that the two never differ.

    python -m bankweave.testing.twin bankweave_kontist.client:AsyncKontistClient bankweave_kontist.blocking

Signatures, types and docstrings are those of the asynchronous classes. A coroutine runs through the portal, an
asynchronous iterator becomes an iterator, and a topic of the client, or a result that has coroutines itself, gets a twin of
its own. Read from the source, because that alone has the annotations as they were written; laid out by ruff.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent

_ITERATORS = {"AsyncIterator", "AsyncGenerator", "AsyncIterable"}
_ASYNC = _ITERATORS | {"Awaitable", "Coroutine", "AbstractAsyncContextManager", "AsyncContextManager", "Future", "Task"}
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Untranslatable(Exception):
    """A class has something that no rule here covers; the message names it."""


@dataclass(frozen=True)
class Class:
    """An asynchronous class and the syntax of it."""

    made: type

    @property
    def name(self) -> str:
        return self.made.__name__

    @property
    def twin(self) -> str:
        return self.name.removeprefix("Async")

    @property
    def alias(self) -> str:
        """What the generated module calls the asynchronous class."""
        return f"Async{self.twin}"

    @cached_property
    def module(self) -> ast.Module:
        return ast.parse(inspect.getsource(sys.modules[self.made.__module__]))

    @cached_property
    def body(self) -> list[ast.stmt]:
        return next(each.body for each in ast.walk(self.module) if isinstance(each, ast.ClassDef) and self._is(each))

    @property
    def methods(self) -> Iterator[_Function]:
        for each in self.body:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and not each.name.startswith("_"):
                yield each

    @property
    def inherited(self) -> list[str]:
        """The public methods that a base of ours has, and that its own body does not show."""
        shown = {each.name for each in self.methods}
        bases = [base for base in self.made.__mro__[1:] if self._is_ours(base)]
        names = [name for base in bases for name, value in vars(base).items() if inspect.isfunction(value)]
        return sorted(name for name in names if not name.startswith("_") and name not in shown)

    def _is_ours(self, kind: type) -> bool:
        return kind.__module__.split(".")[0] == self.made.__module__.split(".")[0]

    @property
    def attributes(self) -> Iterator[tuple[str, ast.expr]]:
        for each in self.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and _is_public(each.target.id):
                yield each.target.id, each.annotation

    @property
    def waits(self) -> bool:
        """Whether somebody has to wait for what it does, so that a synchronous program needs a twin."""
        return any(isinstance(each, ast.AsyncFunctionDef) or _is_iterator(each.returns) for each in self.methods)

    def named(self, name: str) -> type | None:
        """The class that a name means in the module, if it is one of the same distribution."""
        found = getattr(sys.modules[self.made.__module__], name, None)
        return found if inspect.isclass(found) and self._is_ours(found) else None

    def _is(self, node: ast.ClassDef) -> bool:
        return node.name == self.name


@dataclass
class Writer:
    """Writes the twins of a client and of whatever it leads to, and remembers what they have to import."""

    root: type
    twins: dict[type, Class] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        self._find(self.root)
        classes = [self._class(each) for each in self.twins.values()]
        imported = "\n".join(sorted(set(self.imports.values())))
        top = f"{self._head()}\n\nfrom __future__ import annotations\n\n{imported}"
        return "\n\n\n".join([top, *classes])

    def _head(self) -> str:
        root = Class(self.root)
        return (
            f'"""`{root.twin}`: the methods of `{root.name}` for programs without an event loop.\n\n'
            f"Written by `python -m bankweave.testing.twin` from `{self.root.__module__}`: "
            f'change that, and write it again.\n"""'
        )

    def _find(self, made: type) -> None:
        """Find the classes that need a twin: what they lead to before themselves."""
        if made in self.twins:
            return
        found = Class(made)
        annotations = [annotation for _, annotation in found.attributes]
        annotations += [each.returns for each in found.methods if each.returns is not None]
        for name in {each.id: None for annotation in annotations for each in _names(annotation)}:
            reached = found.named(name)
            if reached is not None and reached is not made and Class(reached).waits:
                self._find(reached)
        self.twins[made] = found

    # Classes ----------------------------------------------------------------------------------------------------------

    def _class(self, source: Class) -> str:
        self._import(source.made.__module__, source.name, source.alias)
        self._import("bankweave.adapter", "Portal")
        if inherited := source.inherited:
            raise Untranslatable(f"{source.name}: it inherits {', '.join(inherited)}; write them into the class itself")
        parts = [self._constructor(source)]
        parts += [
            self._attribute(source, name, kind) for name, kind in source.attributes if not self._leads(source, kind)
        ]
        parts += [self._method(source, each) for each in source.methods]
        constant = f"twin_of: ClassVar[type[{source.alias}]] = {source.alias}\n\n" if source.made is self.root else ""
        if constant:
            self._import("typing", "ClassVar")
        doc = _docstring(inspect.getdoc(source.made))
        return f"class {source.twin}:\n" + indent(f"{doc}{constant}" + "\n\n".join(parts), "    ")

    def _constructor(self, source: Class) -> str:
        topics = [(name, self._leads(source, kind)) for name, kind in source.attributes]
        lines = [f"def __init__(self, client: {source.alias}, portal: Portal) -> None:"]
        lines += ["    self._client = client", "    self._portal = portal"]
        lines += [f"    self.{name} = {twin.twin}(client.{name}, portal)" for name, twin in topics if twin]
        return "\n".join(lines)

    def _attribute(self, source: Class, name: str, kind: ast.expr) -> str:
        return f"@property\ndef {name}(self) -> {self._type(source, kind)}:\n    return self._client.{name}"

    # Methods ----------------------------------------------------------------------------------------------------------

    def _method(self, source: Class, method: _Function) -> str:
        decorators = [ast.unparse(each) for each in method.decorator_list]
        problem = _problem(method, decorators)
        if problem or method.returns is None:
            raise Untranslatable(f"{source.name}.{method.name}: {problem or 'it says not what it returns'}")
        arguments = self._arguments(source, method.args)
        call = self._call(source, method, method.returns)
        head = "@property\n" if decorators else ""
        head += f"def {method.name}({arguments}) -> {self._type(source, method.returns)}:\n"
        doc = _docstring(ast.get_docstring(method))
        return head + indent(doc + call, "    ")

    def _call(self, source: Class, method: _Function, kind: ast.expr) -> str:
        target = f"self._client.{method.name}"
        passed = ", ".join(_passed(method.args))
        if method.decorator_list:
            return self._returned(source, target, kind)
        if _is_iterator(kind):
            return self._iterated(source, f"self._portal.iterate({target}({passed}))", kind)
        if isinstance(method, ast.AsyncFunctionDef):
            return self._returned(source, f"self._portal.call({', '.join(filter(None, (target, passed)))})", kind)
        return self._returned(source, f"{target}({passed})", kind)

    def _iterated(self, source: Class, rows: str, kind: ast.expr) -> str:
        twin = self._leads(source, _row(kind))
        return f"return ({twin.twin}(each, self._portal) for each in {rows})" if twin else f"return {rows}"

    def _returned(self, source: Class, value: str, kind: ast.expr) -> str:
        """Give a value back; one that has coroutines, as its twin."""
        if isinstance(kind, ast.Constant) and kind.value is None:
            return value
        if twin := self._leads(source, kind):
            return f"return {twin.twin}({value}, self._portal)"
        if not any(self._leads(source, each) for each in _names(kind)):
            return f"return {value}"
        match kind:
            case ast.BinOp(left=one, right=ast.Constant(value=None)) if twin := self._leads(source, one):
                return f"found = {value}\nreturn None if found is None else {twin.twin}(found, self._portal)"
            case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[one, ast.Constant(value=item)])) if (
                item is ... and (twin := self._leads(source, one))
            ):
                return f"return tuple({twin.twin}(each, self._portal) for each in {value})"
        raise Untranslatable(f"{source.name}: {value} has a result of type {ast.unparse(kind)}")

    def _arguments(self, source: Class, arguments: ast.arguments) -> str:
        """The parameters as they were written, their types in words of the twin's module."""
        for each in ast.walk(arguments):
            if isinstance(each, ast.arg) and each.annotation is not None:
                if any(self._leads(source, name) for name in _names(each.annotation)):
                    raise Untranslatable(f"{source.name}: the parameter {each.arg} takes what has a twin")
                each.annotation = ast.parse(self._type(source, each.annotation), mode="eval").body
        for default in [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]:
            self._type(source, default)
        return ast.unparse(arguments)

    # Names ------------------------------------------------------------------------------------------------------------

    def _leads(self, source: Class, kind: ast.expr) -> Class | None:
        """The class with a twin that an annotation consists of."""
        made = source.named(kind.id) if isinstance(kind, ast.Name) else None
        return None if made is None else self.twins.get(made)

    def _type(self, source: Class, kind: ast.expr) -> str:
        """Write an annotation in words of the twin's module, and import them."""
        if _is_iterator(kind):
            self._import("collections.abc", "Iterator")
            return f"Iterator[{self._type(source, _row(kind))}]"
        kind = deepcopy(kind)
        for name in _names(kind):
            twin = self._leads(source, name)
            if twin is None and not hasattr(builtins, name.id):
                self._import_from(source, name.id)
            name.id = twin.twin if twin else name.id
        return ast.unparse(kind)

    def _import_from(self, source: Class, name: str) -> None:
        """Import a name from where the module of the asynchronous class has it from."""
        for each in ast.walk(source.module):
            if not isinstance(each, ast.ImportFrom | ast.Import) or name not in {item.name for item in each.names}:
                continue
            self._import(each.module if isinstance(each, ast.ImportFrom) else None, name)
            return
        self._import(source.made.__module__, name)

    def _import(self, module: str | None, name: str, alias: str | None = None) -> None:
        line = (f"from {module} " if module else "") + f"import {name}"
        line += f" as {alias}" if alias not in {None, name} else ""
        if self.imports.setdefault(alias or name, line) != line:
            raise Untranslatable(f"two things are called {name}: {line}, and {self.imports[alias or name]}")


def twin_source(client: type, path: Path) -> str:
    """Write the module of a client's twin, which belongs at `path`. Raises `Untranslatable`."""
    ruff = (sys.executable, "-m", "ruff")
    here = ("--quiet", "--stdin-filename", str(path), "-")
    text = _run(*ruff, "check", "--select", "I", "--fix", *here, text=Writer(client).text())
    return _run(*ruff, "format", *here, text=text)


def main(client: str, module: str) -> None:
    """Write a twin to its file."""
    package, name = client.split(":")
    parent, _, leaf = module.rpartition(".")
    spec = find_spec(parent)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"there is no package {parent}")
    path = Path(spec.submodule_search_locations[0], f"{leaf}.py")
    path.write_text(twin_source(getattr(importlib.import_module(package), name), path))


def _run(*command: str, text: str) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout  # noqa: S603  ours


def _problem(method: _Function, decorators: list[str]) -> str | None:
    """What no rule here covers in a method; None where all is well."""
    if decorators not in ([], ["property"]) or (decorators and isinstance(method, ast.AsyncFunctionDef)):
        return f"decorated as {', '.join(decorators)}"
    if method.returns is None:
        return None
    inside = _row(method.returns) if _is_iterator(method.returns) else method.returns
    strange = [word for each in ast.walk(inside) if (word := _word(each)) in _ASYNC or isinstance(word, ast.Constant)]
    return f"it returns {ast.unparse(method.returns)}" if strange else None


def _word(node: ast.AST) -> str | ast.Constant | None:
    """The name that a part of an annotation consists of, or the text that hides one."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str()):
            return node
    return None


def _is_public(name: str) -> bool:
    return not name.startswith("_") and name != "twin_of"


def _is_iterator(kind: ast.expr | None) -> bool:
    return isinstance(kind, ast.Subscript) and isinstance(kind.value, ast.Name) and kind.value.id in _ITERATORS


def _row(kind: ast.expr) -> ast.expr:
    """What an iterator gives."""
    inside = kind.slice if isinstance(kind, ast.Subscript) else kind
    return inside.elts[0] if isinstance(inside, ast.Tuple) else inside


def _names(kind: ast.expr) -> list[ast.Name]:
    return [each for each in ast.walk(kind) if isinstance(each, ast.Name)]


def _docstring(text: str | None) -> str:
    return f'"""{text}"""\n' if text and "\n" not in text else f'"""{text}\n"""\n' if text else ""


def _passed(arguments: ast.arguments) -> list[str]:
    """How the parameters of a method are handed on."""
    passed = [each.arg for each in [*arguments.posonlyargs, *arguments.args][1:]]
    passed += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    passed += [f"{each.arg}={each.arg}" for each in arguments.kwonlyargs]
    return [*passed, f"**{arguments.kwarg.arg}"] if arguments.kwarg else passed


if __name__ == "__main__":
    main(*sys.argv[1:])
