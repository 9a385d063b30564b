import JobModel
import Testing

@testable import jobd

/// Webhooks as the configuration says them.
struct WebhookConfigurationTests {
    @Test func everyKeyIsRead() throws {
        let configuration = try Configuration.read(
            """
            [webhooks.shop]
            url = "https://Shop.example.org/hook"
            secretFile = "/etc/jobd/shop"
            events = ["started", "failed"]
            jobTypes = ["invoice", "report"]
            allowPrivate = true
            [webhooks."b.c-d_e"]
            url = "http://10.0.0.1:8080"
            secretFile = "/etc/jobd/b"
            """, file: "f")
        let names = ["shop", "b.c-d_e"].compactMap(WebhookName.init)
        let shop = try #require(configuration.live.webhooks[names[0]])
        #expect(shop.address.description == "https://shop.example.org/hook" && shop.secretFile == "/etc/jobd/shop")
        #expect(shop.moments == [.started, .failed] && shop.jobTypes == ["invoice", "report"] && shop.allowPrivate)
        let other = try #require(configuration.live.webhooks[names[1]])
        #expect(other.moments == Webhook.usualMoments && other.jobTypes.isEmpty && !other.allowPrivate)
        #expect(configuration.rules.webhooks == configuration.live.webhooks)
    }

    @Test(arguments: [
        ("url = 1\nsecretFile = \"/a\"", "webhooks.a.url: it is 1; write a string."),
        ("url = \"ftp://a/\"\nsecretFile = \"/a\"", "webhooks.a.url: it is \"ftp://a/\", but an address is written as"),
        ("url = \"https://u@a/\"\nsecretFile = \"/a\"", "webhooks.a.url: it is"),
        (
            "url = \"https://a/\"\nsecretFile = \"a\"",
            "webhooks.a.secretFile: it is \"a\", but a path must begin with /."
        ),
        ("secretFile = \"/a\"", "webhooks.a: a webhook needs an address"),
        ("url = \"https://a/\"", "webhooks.a: a webhook needs a file with its key"),
        ("url = \"https://a/\"\nsecretFile = \"/a\"\nevents = []", "webhooks.a.events: it is a list, but it is empty."),
        ("url = \"https://a/\"\nsecretFile = \"/a\"\nevents = [\"ended\"]", "webhooks.a.events: its elements are of"),
        ("url = \"https://a/\"\nsecretFile = \"/a\"\nsecret = \"b\"", "webhooks.a.secret: unknown key;"),
    ])
    func aMistakeIsToldWithItsPlace(lines: String, message: String) throws {
        do throws(ConfigurationErrors) {
            _ = try Configuration.read("[webhooks.a]\n\(lines)\n", file: "f")
            Issue.record("it was taken")
        } catch {
            #expect(error.errors.count == 1)
            #expect(error.errors.first.map { "\($0)".contains(message) } == true, "\(error)")
        }
    }

    @Test func aWebhookIsPutInForceByAReload() throws {
        let before = try Configuration.read("", file: "f")
        let after = try Configuration.read(
            "[webhooks.shop]\nurl = \"https://a/\"\nsecretFile = \"/a\"\n", file: "f")
        #expect(before.reloadableDifferences(to: after) == ["webhooks.shop"])
        #expect(before.reloaded(from: after).live.webhooks == after.live.webhooks)
    }
}
