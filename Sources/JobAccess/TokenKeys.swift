import Crypto
import FoundationEssentials
import JSON
package import JobModel

/// The keys that tokens are signed with: JSON Web Tokens (RFC 7519) with HS256, and nothing else.
///
/// Any program that has one of them can make tokens.
package struct TokenKeys: Equatable, Sendable {
    private struct Key: Equatable, Sendable {
        let id: String
        let secret: SymmetricKey
    }

    /// The first signs, all verify.
    private let keys: [Key]

    /// Why a text holds no keys, with the number of the line.
    package struct Failure: Error, CustomStringConvertible {
        package let line: Int
        package let reason: String
        package var description: String { "line \(line) \(reason)" }
    }

    private static let secretBytes = 32
    /// No token is longer.
    private static let maximumBytes = 8192

    /// No keys, so that there are no tokens.
    package init() { keys = [] }

    /// Reads lines of `kid base64(32 bytes)`; empty ones and those that begin with `#` are left out.
    package init(_ text: String) throws(Failure) {
        var keys: [Key] = []
        // A line feed behind a carriage return is one character with it.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let id = words.first, !id.hasPrefix("#") else { continue }
            guard words.count == 2, let secret = Data(base64Encoded: String(words[1])),
                secret.count == Self.secretBytes
            else {
                throw Failure(line: index + 1, reason: "is not a name and 32 bytes in base64")
            }
            guard !keys.contains(where: { $0.id == id }) else {
                throw Failure(line: index + 1, reason: "has the name of an earlier key")
            }
            keys.append(Key(id: String(id), secret: SymmetricKey(data: secret)))
        }
        self.keys = keys
    }

    /// The text of one new key.
    package static func makeLine(named id: String) -> String {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return "\(id) \(secret.base64EncodedString())\n"
    }

    package var isEmpty: Bool { keys.isEmpty }

    /// A token for claims; nil without keys.
    package func token(for claims: TokenClaims, at now: Timestamp) -> String? {
        guard let key = keys.first else { return nil }
        let header: JSONValue = ["alg": "HS256", "kid": .string(key.id), "typ": "JWT"]
        let signed = [header, claims.json(issuedAt: now)].map { Base64URL.encode(JSONText($0).text.utf8) }
            .joined(separator: ".")
        let signature = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: key.secret)
        return "\(signed).\(Base64URL.encode(signature))"
    }

    /// What a token says that one of these keys has signed and that is valid now; there is no leeway.
    package func claims(of token: String, lifetime: Duration, at now: Timestamp) throws(TokenError) -> TokenClaims {
        let parts = try Self.parts(of: token)
        let header = try Self.json(parts[0])
        // `crit` names what must be understood, of which nothing is.
        guard header["alg"] == "HS256", let id = header["kid"]?.string, header["crit"] == nil else {
            throw .malformed
        }
        guard let key = keys.first(where: { $0.id == id }) else { throw .unknownKey }
        guard let signature = Base64URL.decode(parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(
                signature, authenticating: Data("\(parts[0]).\(parts[1])".utf8), using: key.secret)
        else { throw .wrongSignature }
        let claims = try TokenClaims(json: try Self.json(parts[1]))
        try claims.check(lifetime: lifetime, at: now)
        return claims
    }

    /// What a token says, believed or not: enough to refuse what would not be taken if it were true.
    package static func unverifiedClaims(of token: String) throws(TokenError) -> TokenClaims {
        try TokenClaims(json: try json(try parts(of: token)[1]))
    }

    private static func parts(of token: String) throws(TokenError) -> [Substring] {
        guard token.utf8.count <= maximumBytes else { throw .malformed }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        return parts
    }

    private static func json(_ part: Substring) throws(TokenError) -> JSONValue {
        guard let data = Base64URL.decode(part), let json = try? JSONValue.parse(Array(data)), json.object != nil else {
            throw .malformed
        }
        return json
    }
}

/// RFC 4648, section 5, without padding; each text has one meaning, and each meaning one text.
private enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decode(_ text: Substring) -> Data? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let usual = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: String(usual)), encode(data) == text else { return nil }
        return data
    }
}
