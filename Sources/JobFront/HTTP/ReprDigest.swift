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
        for member in header?.split(separator: ",") ?? [] {
            let text = member.drop { $0 == " " }
            guard text.lowercased().hasPrefix("sha-256=") else { continue }
            let value = text.dropFirst(8).split(separator: ";", omittingEmptySubsequences: false)[0]
            guard value.hasPrefix(":"), value.hasSuffix(":"), value.count > 1,
                let bytes = Data(base64Encoded: String(value.dropFirst().dropLast())), bytes.count == 32
            else {
                throw Refusal(.invalidRequest, "Repr-Digest must be sha-256=:…: with 32 bytes in base64.")
            }
            return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return nil
    }
}
