import JobWire
import Testing

@testable import JobControl

/// What people read when they have typed something wrong.
@Suite(.timeLimit(.minutes(5)))
struct MistakeTests {
    @Test(arguments: [
        ("/priority", "/priority must be from -100 to 100.", "--priority must be from -100 to 100."),
        ("/retry/delay", "/retry/delay must be a span.", "--retry-delay must be a span."),
        ("/retry/maximumDelay", "/retry/maximumDelay must be a span.", "--maximum-retry-delay must be a span."),
        ("/timeouts/running", "/timeouts/running must be a span.", "--time-limit must be a span."),
        ("/webhook", "There is no webhook shop.", "--webhook: There is no webhook shop."),
        ("/unheardOf", "/unheardOf is not a field.", "/unheardOf is not a field."),
    ])
    func aRefusalNamesTheFlag(pointer: String, message: String, told: String) {
        #expect(Flags.sentence(of: Refusal(.invalidRequest, message, pointer: pointer)) == told)
    }

    @Test(arguments: [
        ("lsit", "list"), ("cancle", "cancel"), ("stauts", "status"), ("qeues", "queues"), ("xyzzy", nil), ("l", nil),
    ])
    func aVerbThatIsNearIsSuggested(typed: String, meant: String?) {
        #expect(Suggestion.near(typed, in: Jobctl.verbs) == meant)
    }
}
