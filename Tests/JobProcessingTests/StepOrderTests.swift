import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct StepOrderTests {
    private static let order = StepOrder(
        workDirectory: "/ d", command: ["-x", "--", "", "{\"timeout\":1}", "\n\0é"],
        environment: ["A": "1=2\n", "É": "", "PATH": "/bin"],
        limits: StepLimits(timeout: .milliseconds(1), grace: .zero, memoryBytes: nil, cpu: .seconds(9), outputBytes: 0))

    @Test func anOrderIsReadBack() {
        #expect(StepOrder(line: Self.order.line) == Self.order)
        #expect(Self.order.line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    }

    @Test(arguments: [
        "", "\n", "{}\n", "[]\n", "null\n", "{\"workDirectory\":\"/a\"}\n",
        order(command: "[]"), order(command: "[1]"), order(command: "{}"), order(environment: "[]"),
        order(environment: "{\"A\":1}"), order(environment: "{\"A\":\"1\",\"A\":\"2\"}"), order(grace: "\"1\""),
        order(grace: "1e99"), order(grace: "1") + "x",
    ])
    func whatIsNoOrderIsRefused(line: String) {
        #expect(StepOrder(line: Array(line.utf8)) == nil)
    }

    @Test func theWrittenFormIsTaken() {
        #expect(StepOrder(line: Array(Self.order().utf8))?.command == ["true"])
    }

    /// Every beginning of an order, and an order with any of its bytes damaged: refused or another order, and no crash.
    @Test func damagedOrdersDoNoHarm() {
        let line = Self.order.line
        for count in 0..<(line.count - 1) { #expect(StepOrder(line: Array(line[..<count])) == nil) }
        for index in line.indices {
            for byte: UInt8 in [0, 10, 34, 44, 92, 125, 255] {
                var damaged = line
                damaged[index] = byte
                _ = StepOrder(line: damaged)
            }
        }
    }

    /// Longer than the socket's buffers, so that it comes in pieces.
    @Test func anOrderOfAnyLengthComesOverASocket() async throws {
        var order = Self.order
        order.command = (0..<20_000).map { "argument \($0) of a long command line, which goes on and on" }
        let (sender, receiver) = try Descriptors.socketPair(SOCK_STREAM)
        let sent = order
        async let received = onOwnThread { StepOrder.read(from: receiver) }
        await onOwnThread { sent.write(to: sender) }
        #expect(await received == order)
        close(sender)
        #expect(await onOwnThread { StepOrder.read(from: receiver) } == nil)
        close(receiver)
    }

    @Test func anOrderForNobodyIsNotWaitedFor() throws {
        let (sender, receiver) = try Descriptors.socketPair(SOCK_STREAM)
        close(receiver)
        Self.order.write(to: sender)
        close(sender)
    }

    private static func order(
        command: String = "[\"true\"]", environment: String = "{}", grace: String = "5000"
    ) -> String {
        """
        {"workDirectory":"/b","command":\(command),"environment":\(environment),"grace":\(grace)}

        """
    }
}
