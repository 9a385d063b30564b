import ArgumentParser
import JSON
import JobWire
import NIOCore
import NIOPosix

/// What a shell offers for the names that only the daemon knows.
///
/// A daemon that does not answer has nothing to offer.
enum Completion {
    /// A shell waits no longer.
    private static let patience = TimeAmount.seconds(2)
    private static let most = 100

    /// The newest jobs whose ids begin so.
    static var jobs: CompletionKind {
        .custom { words, _, beginning in
            var params: JSONObject = ["limit": JSONValue(most)]
            if !beginning.isEmpty { params["q"] = .string(beginning) }
            return names(in: ask(.listJobs, params, words)["jobs"], under: "jobId", beginning: beginning)
        }
    }

    static var queues: CompletionKind {
        .custom { words, _, beginning in
            names(in: ask(.listQueues, [:], words)["queues"], under: "name", beginning: beginning)
        }
    }

    /// The names of a list that begin so.
    ///
    /// A search finds texts in other places, too.
    static func names(in list: JSONValue?, under key: String, beginning: String) -> [String] {
        (list?.array ?? []).compactMap { $0[key]?.string }.filter { $0.hasPrefix(beginning) }
    }

    /// The control socket that a command line names, which may have been typed in part.
    static func socket(in words: [String]) -> String {
        if let place = words.lastIndex(of: "--socket"), place + 1 < words.count { return words[place + 1] }
        let named = words.last { $0.hasPrefix("--socket=") }.map { String($0.dropFirst("--socket=".count)) }
        return CommonOptions.socketPath(named)
    }

    /// Asks the daemon, while this thread waits: a shell wants the answer at once.
    private static func ask(_ method: Method, _ params: JSONObject, _ words: [String]) -> JSONValue {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: JSONValue.self)
        loop.scheduleTask(in: patience) { answer.succeed(.null) }
        ControlClient.connect(to: socket(in: words), on: loop)
            .flatMap { client in client.call(method, params) }
            .flatMapThrowing { try JSONValue.parse($0.readableBytesView) }
            .cascade(to: answer)
        return (try? answer.futureResult.wait()) ?? .null
    }
}
