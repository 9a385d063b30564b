import Crypto
import FoundationEssentials

/// The keys of a webhook, with which its messages are signed as Standard Webhooks says.
///
/// One that is to be replaced stays until the receiver knows the new one: a message has a signature for each.
package struct WebhookKeys: Sendable {
    /// Why a text holds no keys, with the number of the line.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// More than anybody changes at a time.
    private static let maximumCount = 8

    private let keys: [SymmetricKey]

    /// Reads a key from each line, `whsec_` and base64; empty lines and those that begin with `#` are left out.
    package init(_ text: String) throws(Failure) {
        var keys: [SymmetricKey] = []
        // A line feed behind a carriage return is one character with it.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let word = line.filter { $0 != " " && $0 != "\t" }
            guard !word.isEmpty, !word.hasPrefix("#") else { continue }
            let digits = word.hasPrefix("whsec_") ? String(word.dropFirst(6)) : word
            guard let secret = Data(base64Encoded: digits), !secret.isEmpty else {
                throw Failure(description: "line \(index + 1) is not whsec_ and base64")
            }
            keys.append(SymmetricKey(data: secret))
        }
        guard !keys.isEmpty else { throw Failure(description: "it holds no key") }
        guard keys.count <= Self.maximumCount else {
            throw Failure(description: "it holds more than \(Self.maximumCount) keys")
        }
        self.keys = keys
    }

    /// The text of `webhook-signature` for a message that is sent at a moment, in seconds since 1970.
    package func signature(of id: String, at seconds: Int64, _ body: String) -> String {
        let signed = Data("\(id).\(seconds).\(body)".utf8)
        return keys.map { key in
            "v1,\(Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString())"
        }.joined(separator: " ")
    }
}
