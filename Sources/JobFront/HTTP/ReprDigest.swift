import FoundationEssentials
import JobWire

/// RFC 9530's digest of a whole representation; only SHA-256 is made and verified.
enum ReprDigest {
    /// The header's text for 64 hexadecimal digits.
    static func text(sha256: String) -> String? {
        let digits = sha256.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return "sha-256=:\(Data(bytes).base64EncodedString()):"
    }

    /// The SHA-256 that a header announces, as 64 lower-case digits; nil when it has none.
    static func sha256(_ header: String?) throws(Refusal) -> String? {
        guard let header else { return nil }
        guard let dictionary = StructuredDictionary(header) else {
            throw Refusal(.invalidRequest, "Repr-Digest is not a dictionary of RFC 9651.")
        }
        guard let member = dictionary.members["sha-256"] else { return nil }
        guard case .bytes(let base64) = member, let bytes = Data(base64Encoded: base64), bytes.count == 32 else {
            throw Refusal(.invalidRequest, "Repr-Digest must be sha-256=:…: with 32 bytes in base64.")
        }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
