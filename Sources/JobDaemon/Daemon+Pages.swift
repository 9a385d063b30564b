import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// Pages of what the store has: jobs, lines of a log, messages to webhooks.
extension Daemon {
    /// Reads a page, unless that takes too long or the connection ends before.
    func list(
        _ asked: JobQuery, by access: Access, for listener: any WatchListener, reply: @escaping Reply
    ) {
        var query = asked
        if let owner = access.listedOwner { query.owner = owner }
        audience.beginSearch(for: ObjectIdentifier(listener), on: loop) { number in
            inBackground { [self, query] in
                let outcome: Result<JobPage, StoreError>
                do throws(StoreError) {
                    outcome = .success(try await store.list(query))
                } catch {
                    outcome = .failure(error)
                }
                let page = outcome.map { JobList($0).encoded() }
                await finish(search: number, outcome, page, reply)
            }
        }
    }

    private func finish(
        search number: Int, _ outcome: Result<JobPage, StoreError>, _ page: Result<ByteBuffer, StoreError>,
        _ reply: Reply
    ) {
        let isTooLong = audience.endSearch(number)
        if case .success(let page) = outcome { log(damage: page.damage) }
        reply(
            page.mapError { error in
                isTooLong
                    ? Refusal(.unavailable, "This list takes too long; ask for fewer jobs, or without a text.")
                    : Refusal(reading: error, logger: logger)
            })
    }

    func readLog(
        _ id: JobID, by access: Access, run: Int64?, after: Int64, limit: Int, reply: @escaping Reply
    ) {
        withJob(id, for: access, reply: reply) { daemon, _ in
            let store = daemon.store
            daemon.read(reply) { () async throws(StoreError) in
                let found = try await store.lines(of: id, run: run, after: after, limit: limit)
                let lines = Self.page(of: found)
                return ["lines": .array(lines.map(\.json)), "next": JSONValue(lines.last?.number ?? after)]
            }
        }
    }

    /// As many lines as a page may have, at least one.
    private static func page(of lines: [LogLine]) -> ArraySlice<LogLine> {
        var bytes = 0
        return lines.prefix { line in
            defer { bytes += line.text.utf8.reduce(100) { $0 + ($1 < 0x20 ? 6 : 1) } }
            return bytes < JobList.byteLimit
        }
    }

    func listDeliveries(_ query: DeliveryQuery, reply: @escaping Reply) {
        read(reply) { [store] () async throws(StoreError) in
            let page = try await store.deliveries(query)
            let last = page.count == query.limit ? page.last : nil
            return [
                "deliveries": .array(page.map(\.json)),
                "nextCursor": last.map { .string(String($0.number)) } ?? .null,
            ]
        }
    }

    /// Reads the store in the background and replies with what `body` makes of it.
    func read(_ reply: @escaping Reply, _ body: @escaping @Sendable () async throws(StoreError) -> JSONValue) {
        inBackground { [self] in
            do throws(StoreError) {
                let json = try await body()
                reply(.success(ByteBuffer(bytes: json.bytes)))
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }
}

extension LogLine {
    fileprivate var json: JSONValue {
        [
            "n": JSONValue(number), "run": run == 0 ? .null : JSONValue(run), "at": JSONValue(at),
            "step": .string(step),
            "stream": .string(stream), "text": .string(text),
        ]
    }
}
