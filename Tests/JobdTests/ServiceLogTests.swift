import Logging
import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct ServiceLogTests {
    @Test func aLineIsOneLineAndDrivesNoTerminal() {
        let text = ServiceLog.text("a\nb\u{1B}[2J", ["k": "x\r\u{202E}y\u{2028}", "l": "\"q\" \u{7}"])
        #expect(text == #"a\nb\u{1b}[2J k=x\u{d}\u{202e}y\u{2028} l="\"q\" \u{7}""#)
    }

    @Test func aValueDoesNotEndBeforeItsEnd() {
        let text = ServiceLog.text("m", ["k": #"o\" result=ok x=\""#, "l": "\"\u{301} n=1"])
        #expect(text == #"m k="o\\\" result=ok x=\\\"" l="\""# + "\u{301} n=1\"")
    }

    @Test func anOrdinaryLineStaysAsItIs() {
        #expect(ServiceLog.text("job ended", ["job": "müller-1", "n": "1 2"]) == #"job ended job=müller-1 n="1 2""#)
    }
}
