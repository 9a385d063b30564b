import Crypto
import FoundationEssentials
import JSON
import JobModel
import JobTesting
import Testing

@testable import JobAccess

/// Tokens as any program makes them that has a key.
struct TokenTests {
    private static let secret = Data((0..<32).map { UInt8($0) })
    private static let keyLines =
        "# keys\n\nfirst \(secret.base64EncodedString())\nold \(Data(repeating: 7, count: 32).base64EncodedString())\n"
    private let now = Timestamp(milliseconds: 1_795_435_200_500)
    private let day = Duration.seconds(86_400)

    private func keys() throws -> TokenKeys { try TokenKeys(Self.keyLines) }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Written here once more, as another language would.
    private static func token(
        header: String = #"{"alg":"HS256","kid":"first"}"#, _ claims: String, secret: Data = secret
    ) -> String {
        let signed = "\(base64URL(header.utf8)).\(base64URL(claims.utf8))"
        let mac = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: SymmetricKey(data: secret))
        return "\(signed).\(base64URL(mac))"
    }

    private func error(_ token: String, lifetime: Duration? = nil) throws -> TokenError? {
        let keys = try keys()
        do throws(TokenError) {
            _ = try keys.claims(of: token, lifetime: lifetime ?? day, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatWasMadeIsUnderstood() throws {
        let claims = TokenClaims(
            owner: "ann@example.com", job: .named("a"), scope: [.read, .write],
            expiresAt: Timestamp(milliseconds: 1_795_435_300_000), notBefore: Timestamp(milliseconds: 1_795_435_200_000)
        )
        let token = try #require(try keys().token(for: claims, at: now))
        #expect(try keys().claims(of: token, lifetime: day, at: now) == claims)
        #expect(try TokenKeys.unverifiedClaims(of: token) == claims)
    }

    @Test func aKeyThatNoLongerSignsStillVerifies() throws {
        let old = Self.token(
            header: #"{"typ":"JWT","kid":"old","alg":"HS256"}"#, #"{"exp":1795435300,"scope":["read"]}"#,
            secret: Data(repeating: 7, count: 32))
        #expect(try error(old) == nil)
    }

    @Test(
        arguments: [
            (#"{"exp":1795435300}"#, nil), (#"{"exp":1795435300.75,"iat":"never","x":{}}"#, nil),
            (#"{"exp":1795435201}"#, nil), (#"{"exp":1795435200}"#, .expired), (#"{"exp":1795435200.5}"#, .expired),
            (#"{"exp":0}"#, .expired), (#"{"exp":1795521601}"#, .tooLong), (#"{"exp":1795521600}"#, nil),
            (#"{}"#, .wrongClaim("exp")), (#"{"exp":"1795435300"}"#, .wrongClaim("exp")),
            (#"{"exp":-1}"#, .wrongClaim("exp")),
            (#"{"exp":1e300}"#, .wrongClaim("exp")), (#"{"exp":1795435300,"exp":1795435300}"#, .malformed),
            (#"{"exp":1795435300,"nbf":1795435200}"#, nil), (#"{"exp":1795435300,"nbf":1795435201}"#, .tooEarly),
            (#"{"exp":1795435300,"nbf":true}"#, .wrongClaim("nbf")),
            (#"{"exp":1795435300,"sub":""}"#, .wrongClaim("sub")),
            (#"{"exp":1795435300,"sub":7}"#, .wrongClaim("sub")),
            (#"{"exp":1795435300,"sub":"é"}"#, .wrongClaim("sub")),
            (#"{"exp":1795435300,"job":"stream"}"#, .wrongClaim("job")),
            (#"{"exp":1795435300,"scope":"read"}"#, .wrongClaim("scope")),
            (#"{"exp":1795435300,"scope":["root"]}"#, .wrongClaim("scope")),
            (#"{"exp":1795435300,"scope":["public"]}"#, .wrongClaim("scope")), ("[]", .malformed), ("x", .malformed),
        ] as [(String, TokenError?)])
    func eachClaimIsReadToTheLetter(claims: String, error: TokenError?) throws {
        #expect(try self.error(Self.token(claims)) == error)
    }

    @Test(arguments: [
        (#"{"alg":"none","kid":"first"}"#, TokenError.malformed), (#"{"alg":"hs256","kid":"first"}"#, .malformed),
        (#"{"alg":"HS512","kid":"first"}"#, .malformed), (#"{"alg":"RS256","kid":"first"}"#, .malformed),
        (#"{"kid":"first"}"#, .malformed), (#"{"alg":"HS256"}"#, .malformed),
        (#"{"alg":"HS256","kid":"first","crit":["exp"]}"#, .malformed),
        (#"{"alg":"HS256","kid":"other"}"#, .unknownKey),
        (#"{"alg":"HS256","alg":"none","kid":"first"}"#, .malformed),
    ])
    func thereIsOneAlgorithm(header: String, error: TokenError) throws {
        #expect(try self.error(Self.token(header: header, #"{"exp":1795435300}"#)) == error)
    }

    /// Also where the change would mean the same bytes.
    @Test func anyOtherCharacterMakesItAnotherToken() throws {
        let token = Self.token(#"{"exp":1795435300,"scope":["read"],"sub":"ann"}"#)
        #expect(try error(token) == nil)
        let characters = Array(token)
        for index in characters.indices {
            for other: Character in ["A", "B", "-", ".", "=", "é"] where other != characters[index] {
                var changed = characters
                changed[index] = other
                #expect(try error(String(changed)) != nil)
            }
        }
        for changed in [
            token + "A", token + "=", token + ".", " " + token, String(token.dropLast()), "", "..", "a.b.c",
        ] {
            #expect(try error(changed) != nil)
        }
        let unsigned = token.split(separator: ".").dropLast().joined(separator: ".") + "."
        #expect(try error(unsigned) != nil)
        #expect(try error(Self.token(#"{"exp":1795435300}"#, secret: Data(repeating: 9, count: 32))) == .wrongSignature)
    }

    @Test(arguments: [
        "first", "first AAAA", "first \(Data(count: 31).base64EncodedString())", "a b c",
        "a \(Data(count: 32).base64EncodedString())\na \(Data(count: 32).base64EncodedString())",
    ])
    func aLineThatIsNotAKeyIsNamed(text: String) {
        let failure = #expect(throws: TokenKeys.Failure.self) { try TokenKeys(text) }
        #expect(failure?.line == (text.contains("\n") ? 2 : 1))
    }

    @Test func linesMayEndWithACarriageReturn() throws {
        let claims = TokenClaims(owner: "ann", scope: [.read], expiresAt: now + .seconds(60))
        let keys = try TokenKeys(Self.keyLines.replacing("\n", with: "\r\n"))
        let token = try #require(keys.token(for: claims, at: now))
        #expect(try TokenKeys(Self.keyLines).claims(of: token, lifetime: day, at: now).owner == "ann")
    }

    @Test func withoutKeysThereAreNoTokens() throws {
        #expect(try TokenKeys("").token(for: TokenClaims(scope: [.read], expiresAt: now + day), at: now) == nil)
        let made = try TokenKeys(TokenKeys.makeLine(named: "k"))
        let token = try #require(made.token(for: TokenClaims(scope: [.read], expiresAt: now + day), at: now))
        #expect(try error(token) == .unknownKey)
        #expect(throws: TokenError.unknownKey) { try TokenKeys().claims(of: token, lifetime: day, at: now) }
    }
}
