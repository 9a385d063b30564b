"""The HTTP reference as an article, from the description of the API."""

RIGHTS = {
    "public": "anybody", "create": "whoever may create jobs", "read": "whoever may read the job", "write": "whoever may change the job",
    "work": "workers", "observe": "observers and operators", "operate": "operators",
}


def link(kind):
    return f"[{kind}](#{kind.lower()})"


def described(schema):
    """The type of a schema in words, with links to those that have names."""
    if schema is True or not schema:
        return "any"
    if "$ref" in schema:
        return link(schema["$ref"].rpartition("/")[2])
    for key in ("oneOf", "anyOf"):
        if key in schema and "properties" not in schema:
            return " or ".join(described(one) for one in schema[key])
    if "enum" in schema:
        return " or ".join(f"`{'null' if value is None else value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = schema.get("type", "any")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(f"array of {described(schema['items'])}" if kind == "array" and "items" in schema else kind for kind in kinds)


def limits(schema):
    """What the schema says beside the type."""
    if not isinstance(schema, dict):
        return ""
    words = []
    if "minimum" in schema or "maximum" in schema:
        words.append(" to ".join(f"{schema[key]:,}" for key in ("minimum", "maximum") if key in schema) + ("" if "maximum" in schema else " or more"))
    if "minLength" in schema or "maxLength" in schema:
        words.append(f"at most {schema['maxLength']:,} characters" if "maxLength" in schema else f"at least {schema['minLength']} characters")
    if "maxItems" in schema:
        words.append(f"at most {schema['maxItems']:,}")
    if "pattern" in schema:
        words.append(f"`{schema['pattern']}`")
    if "default" in schema:
        words.append(f"{schema['default']} when left out")
    return "; ".join(words)


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def meaning(schema, description=""):
    """Sentences, then limits."""
    own = schema.get("description", "") if isinstance(schema, dict) else ""
    return cell(" ".join(filter(None, [description or own, f"({limits(schema)})" if limits(schema) else ""])))


def fields(schema):
    """A table of the members of an object."""
    properties = schema.get("properties", {})
    if not properties:
        return []
    required = schema.get("required", [])
    rows = [
        f"| `{name}`{'' if name in required else ' (optional)'} | {cell(described(member))} | {meaning(member)} |"
        for name, member in properties.items()]
    return ["| field | type | meaning |", "|---|---|---|", *rows, ""]


def content(media):
    """The types of a body, each with what it holds."""
    lines = []
    for kind, body in media.items():
        schema = body.get("schema", {})
        lines += [f"`{kind}`: {described(schema)}. {meaning(schema)}".rstrip(), ""]
        lines += fields(schema)
    return lines


class Article:
    def __init__(self, document):
        self.document = document

    def resolved(self, value):
        """What a reference to a parameter or a response stands for."""
        while "$ref" in value:
            _, _, section, name = value["$ref"].split("/")
            value = self.document["components"][section][name]
        return value

    def operation(self, method, path, operation, shared):
        yield from [f"### {method.upper()} {path}", "", operation["summary"], ""]
        if "description" in operation:
            yield from [operation["description"], ""]
        yield from [f"For {RIGHTS[operation['x-jobd-right']]}. `{operation['operationId']}`", ""]
        parameters = [self.resolved(parameter) for parameter in [*shared, *operation.get("parameters", [])]]
        if parameters:
            yield from ["| parameter | in | type | meaning |", "|---|---|---|---|"]
            for parameter in parameters:
                schema = parameter.get("schema", {})
                optional = "" if parameter.get("required") else " (optional)"
                yield (f"| `{parameter['name']}`{optional} | {parameter['in']} | {cell(described(schema))} | "
                       f"{meaning(schema, parameter.get('description', ''))} |")
            yield ""
        if "requestBody" in operation:
            yield from ["**Body**", "", *content(self.resolved(operation["requestBody"])["content"])]
        yield from ["| answer | meaning | body |", "|---|---|---|"]
        for status, response in operation["responses"].items():
            response = self.resolved(response)
            bodies = [f"`{kind}`: {described(body.get('schema', {}))}" for kind, body in response.get("content", {}).items()]
            yield f"| {status} | {cell(response.get('description', ''))} | {cell(', '.join(bodies))} |"
        yield ""

    def lines(self):
        information = self.document["info"]
        yield from ["# HTTP reference", "", "Every route with its parameters, bodies and answers, made from the description that `GET /api/openapi.json` gives.", ""]
        yield from [information["description"], "", "Errors are `application/problem+json`: " + link("Problem") + ". What the fields of a job mean for you is in <doc:JobFields>.", ""]
        yield from ["## Routes", ""]
        for path, methods in self.document["paths"].items():
            shared = methods.get("parameters", [])
            for method, operation in methods.items():
                if method != "parameters":
                    yield from self.operation(method, path, operation, shared)
        yield from ["## Schemas", ""]
        for name, schema in self.document["components"]["schemas"].items():
            yield from [f"### {name}", ""]
            if "properties" not in schema:
                yield from [f"{described(schema)}. {meaning(schema)}".strip(), ""]
            elif "description" in schema:
                yield from [schema["description"], ""]
            yield from fields(schema)


def article(document):
    return "\n".join(Article(document).lines()) + "\n"
