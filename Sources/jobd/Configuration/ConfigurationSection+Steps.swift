import JSON
import JobProcessing

/// The kinds of values that only steps have; each is left as it is where nothing is said or it is wrong.
extension ConfigurationSection {
    /// A program and its arguments.
    mutating func command(_ key: String, into value: inout CommandTemplate?) {
        readInFile(key, expecting: "a list of strings") { node in
            guard let texts = node.texts else { return .wrongType }
            do {
                return .right(try CommandTemplate(texts))
            } catch {
                return .wrong("\(error)")
            }
        }.map { value = $0 }
    }

    /// Exit codes of a program, not empty.
    mutating func exitCodes(_ key: String, into value: inout Set<Int32>) {
        readInFile(key, expecting: "a list of exit codes, from 0 to 255") { node in
            guard case .array(let nodes) = node else { return .wrongType }
            let codes = nodes.compactMap { if case .integer(let code) = $0 { Int32(exactly: code) } else { nil } }
            guard codes.count == nodes.count, codes.allSatisfy({ (0...255).contains($0) }) else { return .wrongType }
            return codes.isEmpty ? .wrong("it is empty") : .right(Set(codes))
        }.map { value = $0 }
    }

    /// Texts by exit code of a program; the check answers what is wrong with a text.
    mutating func textsByExitCode(
        _ key: String, into value: inout [Int32: String], check: (String) -> String?
    ) {
        readInFile(key, expecting: "a table of strings by exit code, such as { 1 = \"text\" }") { node in
            guard case .table(let table) = node else { return .wrongType }
            var texts: [Int32: String] = [:]
            for (name, node) in table.sorted(by: { $0.key < $1.key }) {
                guard case .string(let text) = node else { return .wrongType }
                guard let code = Int32(name), (1...255).contains(code), String(code) == name else {
                    return .wrong("\(name) is not an exit code of a failure, from 1 to 255")
                }
                if let problem = text.isEmpty ? "the text of \(code) is empty" : check(text) { return .wrong(problem) }
                texts[code] = text
            }
            return .right(texts)
        }.map { value = $0 }
    }

    /// What to look for in the lines that a program prints, by the key of the result.
    mutating func facts(_ key: String, into value: inout [String: Fact]) {
        let kind = "a table of labels, such as { title = \"Title\", pages = { label = \"Pages\", type = \"number\" } }"
        readInFile(key, expecting: kind) { node in
            guard case .table(let table) = node else { return .wrongType }
            var facts: [String: Fact] = [:]
            for (key, node) in table.sorted(by: { $0.key < $1.key }) {
                switch Self.fact(node) {
                case .right(let fact): facts[key] = fact
                case .wrongType: return .wrongType
                case .wrong(let problem): return .wrong("\(key): \(problem)")
                }
            }
            return .right(facts)
        }.map { value = $0 }
    }

    private static func fact(_ node: TOMLNode) -> Reading<Fact> {
        if case .string(let label) = node { return .right(Fact(label)) }
        guard case .table(var table) = node, case .string(let label)? = table.removeValue(forKey: "label") else {
            return .wrongType
        }
        var fact = Fact(label)
        if let type = table.removeValue(forKey: "type") {
            let all = Fact.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            guard case .string(let name) = type, let kind = Fact.Kind(rawValue: name) else {
                return .wrong("the type must be one of \(all)")
            }
            fact.kind = kind
        }
        if let last = table.removeValue(forKey: "last") {
            guard case .boolean(let isLast) = last else { return .wrong("last must be true or false") }
            fact.isLast = isLast
        }
        if let unknown = table.keys.sorted().first {
            return .wrong("\(unknown) is not one of its keys, which are label, type and last")
        }
        return .right(fact)
    }

    /// Media types, or a table of `mediaTypes` and `results`.
    mutating func condition(_ key: String, into value: inout StepCondition) {
        readInFile(key, expecting: "a list of media types, or { mediaTypes = [\"…\"], results = { key = value } }") {
            node in
            if let types = node.texts {
                return types.isEmpty ? .wrong("it is empty") : .right(StepCondition(mediaTypes: types))
            }
            guard case .table(var table) = node else { return .wrongType }
            var condition = StepCondition()
            if let types = table.removeValue(forKey: "mediaTypes") {
                guard let texts = types.texts, !texts.isEmpty else { return .wrongType }
                condition.mediaTypes = texts
            }
            if let results = table.removeValue(forKey: "results") {
                guard case .table(let values) = results, !values.isEmpty else { return .wrongType }
                condition.results = values.compactMapValues(\.json)
                guard condition.results.count == values.count else { return .wrongType }
            }
            if let unknown = table.keys.sorted().first {
                return .wrong("\(unknown) is not one of its keys, which are mediaTypes and results")
            }
            return .right(condition)
        }.map { value = $0 }
    }
}

extension TOMLNode {
    /// The same as JSON, where it is a single value.
    fileprivate var json: JSONValue? {
        switch self {
        case .string(let text): .string(text)
        case .integer(let number): JSONValue(number)
        case .boolean(let isTrue): .bool(isTrue)
        case .number, .table, .array, .moment: nil
        }
    }
}
