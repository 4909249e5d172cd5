"""How comments are written, by the language ids that editors use."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec


class CommentSyntax(msgspec.Struct, frozen=True):
    """Leaders of comments that end with their line, pairs around other ones, and what quotes a string.

    In ``plain`` quotes a backslash is itself. ``free``: text may stand without quotes, so that one in a word is none.
    ``strict``: the language is not known, so that a leader has to stand apart from what follows.
    """

    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str], ...] = ()
    quotes: str = "\"'`"
    plain: str = ""
    free: bool = False
    strict: bool = False


_C = ("/*", "*/")
_XML = ("<!--", "-->")
_ML = ("(*", "*)")
_HASKELL = ("{-", "-}")
# An apostrophe is no quote where it also marks lifetimes, type variables, primes, digits or quoted symbols.
_DOUBLE = '"'

_ROWS: Final[tuple[tuple[str, CommentSyntax], ...]] = (
    (
        "c cpp c++ objective-c objective-cpp objective-c++ objc cuda java javascript javascriptreact jsx typescript "
        "typescriptreact tsx go swift kotlin scala dart c# csharp groovy gradle proto protobuf solidity glsl hlsl wgsl "
        "odin v d vala json jsonc json5 scss less sass stylus prisma thrift cue bicep apex cairo noir slang "
        "haxe actionscript qml pony kdl typespec arduino metal opencl rescript jai hare ballerina",
        CommentSyntax(("//",), (_C,)),
    ),
    ("rust reason systemverilog verilog move", CommentSyntax(("//",), (_C,), _DOUBLE)),
    ("zig gleam ziggy grain smithy", CommentSyntax(("//",))),
    ("php jsonnet terraform terraform-vars hcl opentofu", CommentSyntax(("//", "#"), (_C,))),
    ("nix", CommentSyntax(("#",), (_C,))),
    ("css postcss", CommentSyntax((), (_C,))),
    (
        "python starlark bazel mojo gdscript xonsh r elixir meson gn tcl awk perl graphql puppet stan rego roc janet "
        "snakemake cython raku",
        CommentSyntax(("#",)),
    ),
    (
        "shell-script shellscript shell bash sh zsh fish nu nushell elvish toml dockerfile docker containerfile make "
        "makefile just justfile cmake ninja crontab procfile",
        CommentSyntax(("#",), plain="'"),
    ),
    (
        "yaml docker-compose helm-values gitignore git-ignore gitattributes editorconfig properties dotenv env nginx "
        "caddyfile robot robot-framework po git-rebase gitrebase ssh-config requirements pip-requirements hosts apache "
        "ansible cfg conf",
        CommentSyntax(("#",), plain="'", free=True),
    ),
    ("ruby crystal rakefile gemfile", CommentSyntax(("#",), (("=begin", "=end"),))),
    ("julia", CommentSyntax(("#",), (("#=", "=#"),), _DOUBLE)),
    ("nim", CommentSyntax(("#",), (("#[", "]#"),), _DOUBLE)),
    ("coffeescript", CommentSyntax(("#",), (("###", "###"),))),
    ("powershell", CommentSyntax(("#",), (("<#", "#>"),), "\"'", "\"'")),
    ("ini git-config gitconfig systemd desktop registry", CommentSyntax((";", "#"), (), _DOUBLE, free=True)),
    ("sql plsql mysql postgresql tsql surql", CommentSyntax(("--",), (_C,), plain="\"'`")),
    ("prql", CommentSyntax(("#",))),
    ("lua luau teal", CommentSyntax(("--",), (("--[[", "]]"), ("--[=[", "]=]")))),
    ("haskell purescript elm idris agda dhall unison", CommentSyntax(("--",), (_HASKELL,), _DOUBLE)),
    ("lean lean4", CommentSyntax(("--",), (("/-", "-/"),), _DOUBLE)),
    ("ada vhdl", CommentSyntax(("--",), (), _DOUBLE)),
    ("applescript", CommentSyntax(("--", "#"), (_ML,), _DOUBLE)),
    (
        "clojure clojurescript scheme racket common-lisp commonlisp lisp elisp emacs-lisp fennel hy guile",
        CommentSyntax((";",), (("#|", "|#"),), _DOUBLE),
    ),
    ("assembly asm nasm masm gas", CommentSyntax((";", "//", "#"), (_C,), _DOUBLE)),
    ("llvm llvm-ir autohotkey ledger beancount hledger", CommentSyntax((";",), (_C,), _DOUBLE)),
    ("erlang", CommentSyntax(("%",), (), _DOUBLE)),
    ("matlab octave", CommentSyntax(("%",), (("%{", "%}"),), _DOUBLE)),
    ("prolog", CommentSyntax(("%",), (_C,))),
    ("fortran fortran-free-form", CommentSyntax(("!",), plain="\"'")),
    ("vb visual-basic vbnet vb.net vbscript vba basic", CommentSyntax(("'", "REM"), (), _DOUBLE, _DOUBLE)),
    ("batch bat cmd", CommentSyntax(("REM", "::"), (), _DOUBLE, _DOUBLE)),
    ("vim viml vimscript vim-script", CommentSyntax(('"',), (), "'")),
    ("ocaml ocaml-interface reasonml coq rocq sml standard-ml wolfram mathematica", CommentSyntax((), (_ML,), _DOUBLE)),
    ("f# fsharp", CommentSyntax(("//",), (_ML,), _DOUBLE)),
    ("pascal delphi", CommentSyntax(("//",), (_ML, ("{", "}")), "'", "'")),
    ("html htm xhtml vue svelte astro angular razor cshtml", CommentSyntax(("//",), (_XML, _C), free=True)),
    ("php-blade blade", CommentSyntax(("//",), (("{{--", "--}}"), _XML, _C), '"`', free=True)),
    (
        "handlebars glimmer hbs mustache ember",
        CommentSyntax((), (("{{!--", "--}}"), ("{{!", "}}"), _XML), '"', free=True),
    ),
    (
        "heex eex erb html+erb ejs embedded-ruby",
        CommentSyntax((), (("<%!--", "--%>"), ("<%#", "%>"), _XML), '"', free=True),
    ),
    ("jinja jinja2 twig django liquid nunjucks tera", CommentSyntax((), (("{#", "#}"), _XML), '"', free=True)),
    ("xml xsl xslt svg plist dtd xsd", CommentSyntax((), (_XML,), '"', free=True)),
)
UNKNOWN: Final = CommentSyntax(("//", "#", "--", ";;"), (_C,), strict=True)


def _by_language() -> Mapping[str, CommentSyntax]:
    return MappingProxyType({language: syntax for languages, syntax in _ROWS for language in languages.split()})


_BY_LANGUAGE: Final = _by_language()


def plain_language(language_id: str) -> str:
    """A language id in the form of the tables: lower case, with hyphens."""
    return "-".join(language_id.lower().replace("_", " ").replace("-", " ").split())


def syntax_of(language_id: str) -> CommentSyntax:
    """How comments are written in a language; what most languages share where it is not known."""
    return _BY_LANGUAGE.get(plain_language(language_id), UNKNOWN)
