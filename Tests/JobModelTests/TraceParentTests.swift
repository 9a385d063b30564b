import JobModel
import Testing

@Suite(.timeLimit(.minutes(5)))
struct TraceParentTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: ["00-\(trace)-\(span)-01", "00-\(trace)-\(span)-00", "01-\(trace)-\(span)-01-more"])
    func oneOfTheGrammarIsKeptAsItIs(text: String) {
        #expect(TraceParent(text)?.description == text)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-01-more",
        "ff-\(trace)-\(span)-01",
        "00-\(trace.uppercased())-\(span)-01", "00-\(String(repeating: "0", count: 32))-\(span)-01",
        "00-\(trace)-0000000000000000-01", "00-\(trace.dropLast())g-\(span)-01", " 00-\(trace)-\(span)-01",
        "01-\(trace)-\(span)-01-\n", "01-\(trace)-\(span)-01-\(String(repeating: "a", count: 500))",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(TraceParent(text) == nil)
    }
}
