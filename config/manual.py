"""Writes a manual page: python3 config/manual.py PAGE VERSION DATE < SOURCE

PAGE is a page of config/manual. Its line @SOURCE@ is replaced by what SOURCE says: `--experimental-dump-help` of a
program, or config/jobd.toml. So nothing about a command or a key is written twice.
"""

import json
import pathlib
import re
import sys


def escaped(text):
    """Text that roff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("^", "\\(ha").replace("~", "\\(ti")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def paragraphs(text):
    """Indented lines are a list of terms with what they mean, or stand as they are."""
    for paragraph in filter(None, re.split(r"\n[ \t]*\n", text.strip("\n"))):
        lines = paragraph.split("\n")
        if not all(line.startswith("  ") for line in lines):
            yield from [".PP", escaped(" ".join(map(str.strip, lines)))]
        elif terms := in_columns(lines):
            for term, meaning in terms:
                yield from [".TP", f"\\fB{escaped(term)}\\fR", escaped(meaning)]
        else:
            yield from [".PP", ".nf", *map(escaped, lines), ".fi"]


def in_columns(lines):
    """Pairs of what stands left and right of a column, a term too long for it on a line of its own; or nothing."""
    starts = [match.end() for line in lines for match in [re.match(r" {4,}|  \S.*? {2,}(?=\S)", line)] if match]
    column = max(set(starts), key=starts.count, default=0)
    terms = []
    for line in lines:
        left, right = line[:column], line[column:]
        if left.strip() and (not left.endswith(" ") or any(left.count(a) != left.count(b) for a, b in ("[]", "{}"))):
            left, right = line, ""
        if left.strip():
            terms.append([left.strip(), right])
        elif terms:
            terms[-1][1] = f"{terms[-1][1]} {right}".strip()
    return terms if all(meaning for _, meaning in terms) else []


# Commands


def names(argument):
    dashes = {"short": "-", "long": "--", "longWithSingleDash": "-"}
    return [dashes[name["kind"]] + name["name"] for name in argument.get("names", [])]


def synopsis(argument):
    value = argument.get("valueName", "").upper()
    if argument["kind"] == "positional":
        word = f"\\fI{escaped(value)}\\fR" + ("..." if argument["isRepeating"] else "")
    else:
        word = f"\\fB{escaped(names(argument)[-1])}\\fR"
        word += f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else ""
    return f"[{word}]" if argument["isOptional"] else word


def leaves(command):
    """Every command that does something, with its whole name."""
    for inner in command.get("subcommands", []):
        if inner["commandName"] != "help":
            more = list(leaves(inner))
            yield from [(f"{inner['commandName']} {name}", leaf) for name, leaf in more]
            yield from [] if more else [(inner["commandName"], inner)]


def shown(command):
    return [
        argument for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("valueName") not in ("help", "version")]


def described(arguments):
    for argument in arguments:
        if argument.get("abstract"):
            label = ", ".join(f"\\fB{escaped(word)}\\fR" for word in names(argument))
            value = f"\\fI{escaped(argument['valueName'].upper())}\\fR" if argument["kind"] != "flag" else ""
            yield from [".TP", " ".join(filter(None, [label, value])), escaped(argument["abstract"])]


def of_program(source):
    program = json.loads(source)["command"]
    commands = list(leaves(program))
    common = [argument for argument in shown(commands[0][1]) if all(argument in shown(leaf) for _, leaf in commands)]
    yield from paragraphs(program["discussion"])
    yield from [".SH OPTIONS", *described(common)] if common else []
    yield ".SH COMMANDS"
    for name, command in commands:
        name = f"{program['commandName']} {name}"
        arguments = [argument for argument in shown(command) if argument not in common]
        yield f".SS {escaped(name)}"
        yield " ".join([f"\\fB{escaped(name)}\\fR", *map(synopsis, arguments)])
        yield from paragraphs(command["abstract"])
        yield from paragraphs(command.get("discussion", ""))
        yield from described(arguments)


# Keys


def of_configuration(source):
    """A comment belongs to the keys or the table under it; of the shipped steps only the comment is shown."""
    comment, keys, is_step = [], [], False
    for line in source.splitlines() + [""]:
        table = re.fullmatch(r"#?(\[+[^\]]+\]+)", line)
        # With a space behind the #, it shows an example, for there is no default.
        key = re.fullmatch(r"#? ?([A-Za-z]+) = (.*)", line)
        if keys and not key:
            above, _, meaning = "\n".join(["", *comment]).rpartition("\n\n")
            yield from paragraphs(above)
            yield from [".TP", *"\n.TQ\n".join(keys).split("\n")]
            yield escaped(" ".join(meaning.split()))
            comment, keys = [], []
        if table:
            was_step, is_step = is_step, table[1].startswith("[[")
            if not (was_step and is_step):
                yield from [f".SS {escaped(table[1])}", *paragraphs("\n".join(comment))]
            comment = []
        elif is_step:
            comment = comment + [line[2:]] if line.startswith("#") else []
        elif key:
            keys.append(f"\\fB{escaped(key[1])}\\fR = {escaped(key[2])}")
        elif line.startswith("#"):
            comment.append(line[2:])
        else:
            yield from paragraphs("\n".join(comment))
            comment = []


def main(page, version, date):
    page = pathlib.Path(page)
    source = of_configuration if page.suffix == ".5" else of_program
    text = page.read_text().replace("@VERSION@", version).replace("@DATE@", date)
    print(text.replace("@SOURCE@\n", "\n".join(source(sys.stdin.read())) + "\n"), end="")


main(*sys.argv[1:])
