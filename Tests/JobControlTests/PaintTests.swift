import JobModel
import Testing

@testable import JobControl

@Suite(.timeLimit(.minutes(5)))
struct PaintTests {
    @Test(arguments: [
        (["TERM": "xterm"], true), (["TERM": "xterm", "NO_COLOR": "1"], false),
        (["TERM": "xterm", "NO_COLOR": ""], true),
        (["TERM": "dumb"], false), ([:], false),
    ])
    func theEnvironmentSaysWhetherThereAreColours(environment: [String: String], isWanted: Bool) {
        #expect(Paint.isWanted { environment[$0] } == isWanted)
    }

    @Test func whatIsNotAStateHasNone() {
        #expect(Paint(isOn: true).status("sleeping") == "sleeping")
    }

    @Test(arguments: JobStatus.allCases)
    func withoutColoursAStateIsItsWord(status: JobStatus) {
        #expect(Paint(isOn: false).status(status.rawValue) == status.rawValue)
        #expect(Paint(isOn: true).status(status.rawValue).contains(status.rawValue))
    }
}
