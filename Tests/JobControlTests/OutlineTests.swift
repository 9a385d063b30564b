import JSON
import Testing

@testable import JobControl

struct OutlineTests {
    /// A program's last words, which have a name above them and cannot be taken for other fields.
    @Test func linesOfATextAreBelowItsName() {
        #expect(
            Outline.lines("cause", "one\r\n\ntwo\u{1b}[2J\nstatus: completed", indent: 1)
                == ["  cause:", "    one", "    two\\u{1b}[2J", "    status: completed"])
        #expect(Outline.lines("cause", "one") == ["cause: one"])
    }
}
