import JobDelivery
import Testing

/// Signatures as Standard Webhooks says.
struct WebhookKeysTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// The example of the specification's own libraries.
    @Test(arguments: [secret, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "# a comment\n\n  \(secret)\r\n"])
    func theExampleOfTheSpecificationIsSignedAsItSays(text: String) throws {
        let signature = try WebhookKeys(text).signature(
            of: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, #"{"test": 2432232314}"#)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func eachKeySigns() throws {
        let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        let both = try WebhookKeys("\(Self.secret)\n\(other)\n").signature(of: "a", at: 1, "{}")
        let each = try [Self.secret, other].map { try WebhookKeys($0).signature(of: "a", at: 1, "{}") }
        #expect(both == each.joined(separator: " "))
    }

    @Test(arguments: ["", "# nothing\n", "whsec_", "whsec_%%%", "whsk_AAAA", "word two"])
    func aFileWithoutKeysIsRefused(text: String) {
        #expect(throws: WebhookKeys.Failure.self) { try WebhookKeys(text) }
    }

    @Test func whatIsWrongIsNamedByItsLineAndNotShown() {
        let text = "\(Self.secret)\nwhsec_#secret\n"
        #expect(throws: WebhookKeys.Failure.self) { try WebhookKeys(text) }
        do throws(WebhookKeys.Failure) {
            _ = try WebhookKeys(text)
        } catch {
            #expect(error.description == "line 2 is not whsec_ and base64")
        }
    }
}
