import JobModel

/// The kinds of values; each is left as it is where nothing is said or it is wrong.
extension ConfigurationSection {
    /// A text that is not empty, and more if a check asks for it; the check answers what is wrong.
    mutating func text(_ key: String, into value: inout String, check: (String) -> String? = { _ in nil }) {
        read(key, expecting: "a string") { node in
            guard case .string(let text) = node else { return .wrongType }
            if let problem = text.isEmpty ? "it is empty" : check(text) { return .wrong(problem) }
            return .right(text)
        }.map { value = $0 }
    }

    mutating func integer<Number: FixedWidthInteger & Sendable>(
        _ key: String, in range: ClosedRange<Number>, into value: inout Number
    ) {
        read(key, expecting: "a whole number") { node in
            guard case .integer(let given) = node else { return .wrongType }
            guard let number = Number(exactly: given), range.contains(number) else {
                return .wrong("it must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return .right(number)
        }.map { value = $0 }
    }

    mutating func optionalInteger<Number: FixedWidthInteger & Sendable>(
        _ key: String, in range: ClosedRange<Number>, into value: inout Number?
    ) {
        var given = value ?? range.lowerBound
        let isGiven = contains(key)
        integer(key, in: range, into: &given)
        if isGiven { value = given }
    }

    mutating func boolean(_ key: String, into value: inout Bool) {
        read(key, expecting: "true or false") { node in
            if case .boolean(let given) = node { .right(given) } else { .wrongType }
        }.map { value = $0 }
    }

    mutating func weight(_ key: String, into value: inout Double) {
        read(key, expecting: "a number") { node in
            let number: Double
            switch node {
            case .integer(let given): number = Double(given)
            case .number(let given): number = given
            default: return .wrongType
            }
            return number > 0 && number <= 1000 ? .right(number) : .wrong("it must be more than 0 and at most 1000")
        }.map { value = $0 }
    }

    mutating func span(_ key: String, in range: ClosedRange<Duration>, into value: inout Duration) {
        var given: Duration? = value
        optionalSpan(key, in: range, into: &given)
        value = given ?? value
    }

    mutating func optionalSpan(_ key: String, in range: ClosedRange<Duration>, into value: inout Duration?) {
        read(key, expecting: "a span of time in quotes, such as \"600ms\", \"10s\", \"5m\", \"24h\" or \"30d\"") {
            node in
            guard case .string(let text) = node, let span = Span.parse(text) else { return .wrongType }
            guard range.contains(span) else {
                return .wrong("it must be from \(Span.text(range.lowerBound)) to \(Span.text(range.upperBound))")
            }
            return .right(span)
        }.map { value = $0 }
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, into value: inout Choice)
    where Choice.RawValue == String {
        let all = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        read(key, expecting: "one of \(all)") { node in
            guard case .string(let text) = node, let choice = Choice(rawValue: text) else { return .wrongType }
            return .right(choice)
        }.map { value = $0 }
    }

    /// A list of texts, not empty.
    mutating func texts(_ key: String, into value: inout [String]?, check: (String) -> String? = { _ in nil }) {
        readInFile(key, expecting: "a list of strings") { node in
            guard let texts = node.texts else { return .wrongType }
            let problem = texts.isEmpty ? "it is empty" : texts.lazy.compactMap(check).first
            return problem.map { .wrong($0) } ?? .right(texts)
        }.map { value = $0 }
    }

    /// Texts by name.
    mutating func dictionary(
        _ key: String, into value: inout [String: String], check: (String) -> String? = { _ in nil }
    ) {
        readInFile(key, expecting: "a table of strings, such as { name = \"text\" }") { node in
            guard case .table(let table) = node else { return .wrongType }
            let texts = table.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
            guard texts.count == table.count else { return .wrongType }
            if let problem = texts.keys.sorted().lazy.compactMap(check).first { return .wrong(problem) }
            return .right(texts)
        }.map { value = $0 }
    }
}
