import FoundationEssentials
import JobDaemonTesting
import JobModel
import JobTesting
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ProtocolPageTests {
    /// The page's examples are one conversation; the daemon must say exactly what the page says.
    ///
    /// `RECORD_PROTOCOL=1` prints the conversation with the daemon's own replies, for a page that changes.
    @Test(.timeLimit(.minutes(5)))
    func theDaemonSaysWhatTheExamplesSay() async throws {
        let records = ProcessInfo.processInfo.environment["RECORD_PROTOCOL"] != nil
        try await withDaemon { harness in
            let connection = try await LineConnection.connect(to: harness.socketPath)
            for line in ProtocolPage.conversation {
                switch line {
                case .request(let text):
                    try await connection.send(text + "\n")
                    if records { print("→ \(text)") }
                case .reply(let expected):
                    let reply = await connection.next()
                    if records { print("← \(reply ?? "")") } else { #expect(reply == expected) }
                }
            }
            try await connection.close()
        }
    }

    @Test(arguments: ErrorCode.allCases)
    func everyCodeMeansWhatThePageSays(code: ErrorCode) throws {
        let row = try #require(ProtocolPage.errorTable.first { $0[0] == "`\(code.rawValue)`" })
        #expect(row[1...] == ["\(code.httpStatus)", "\(code.exitCode)", code.mayRetry ? "yes" : "no"])
    }

    @Test func thePageDescribesEveryMethod() {
        for method in Method.allCases { #expect(ProtocolPage.headings.contains { $0.contains(method.rawValue) }) }
    }
}
