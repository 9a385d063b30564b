package import JSON
import JobModel

/// The protocol for machines, as OpenRPC: each method with its parameters, its result, its refusals and the right that it
/// needs. What they mean is in the protocol page.
extension Method {
    /// The document; `schemas` are those of the HTTP API, by name: results refer to them.
    package static func openRPC(schemas: JSONObject) -> JSONValue {
        [
            "openrpc": "1.3.2",
            "info": ["title": "jobd control protocol", "version": .string(Build.version)],
            "methods": .array(allCases.map(\.openRPC)),
            "components": [
                "schemas": .object(schemas),
                "errors": .object(
                    JSONObject(ErrorCode.allCases.map { JSONObject.Member(key: $0.rawValue, value: $0.openRPC) })),
            ],
        ]
    }

    private var openRPC: JSONValue {
        let refusals: [ErrorCode] = [.invalidRequest] + contract.refusals + [.unauthorized, .forbidden, .unavailable]
        return [
            "name": .string(rawValue), "summary": .string(contract.summary), "paramStructure": "by-name",
            "params": .array(parameters.map(\.json)), "result": ["name": "result", "schema": contract.result],
            "errors": .array(
                refusals.map { ["$ref": .string("#/components/errors/\($0.rawValue)")] }),
            "x-jobd-right": .string(right.rawValue),
        ]
    }
}

extension Method.Parameter {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "required": .bool(isRequired),
            "schema": kind == .any ? true : ["type": .string(kind.rawValue)],
        ]
    }
}

extension ErrorCode {
    fileprivate var openRPC: JSONValue {
        let refusal = Refusal(self, "The request is refused: \(rawValue).")
        return refusal.json
    }
}
