import ArgumentParser

/// A name under which a service may be asked, without a port, in lower case: a name, an IPv4 address, or an IPv6 address in
/// brackets.
struct HostName: Hashable, Sendable, LosslessStringConvertible, ExpressibleByArgument {
    let description: String

    /// Nil for what a request cannot name, or what nginx would read as something else, such as a pattern.
    init?(_ text: String) {
        let text = text.lowercased()
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let inner = isBracketed ? text.dropFirst().dropLast() : text[...]
        let others: Set<Character> = isBracketed ? [":", "."] : ["-", ".", "_"]
        guard (1...253).contains(inner.utf8.count), let first = inner.first, isBracketed || first.isLetterOrDigit,
            inner.allSatisfy({ $0.isLetterOrDigit || others.contains($0) })
        else { return nil }
        description = text
    }

    private init(known text: String) { description = text }

    /// Those that no other machine has.
    static let ofThisMachine = ["localhost", "127.0.0.1", "[::1]"].map { HostName(known: $0) }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
