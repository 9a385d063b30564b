import Glibc
import JobSystem
import Synchronization

/// Asks the system for the addresses of names: anew each time, but once for those who ask for one name at the same time.
///
/// The system's own function blocks for as long as it likes: each name has a thread of its own while it is looked up.
package final class NameLookUp: Sendable {
    /// Why there are no addresses, as a sentence.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    package typealias Outcome = Result<[IPAddress], Failure>
    private typealias Waiter = CheckedContinuation<Outcome, Never>

    private let waiting = Mutex<[String: [Waiter]]>([:])

    package init() {}

    package func addresses(of name: String) async -> Outcome {
        await withCheckedContinuation { waiter in
            let isFirst = waiting.withLock { waiting in
                waiting[name, default: []].append(waiter)
                return waiting[name]?.count == 1
            }
            guard isFirst else { return }
            do throws(SystemError) {
                try startThread(named: "look-up") { self.answer(name, Self.ask(name)) }
            } catch {
                answer(name, .failure(Failure("The name \(name) cannot be looked up: \(error.reason).")))
            }
        }
    }

    private func answer(_ name: String, _ outcome: Outcome) {
        let waiters = waiting.withLock { $0.removeValue(forKey: name) ?? [] }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }

    private static func ask(_ name: String) -> Outcome {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else {
            return .failure(Failure("The name \(name) was not found: \(String(cString: gai_strerror(code)))."))
        }
        defer { freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = first
        while let entry = next {
            if let address = entry.pointee.ai_addr, let address = IPAddress(UnsafePointer(address)),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            next = entry.pointee.ai_next
        }
        return .success(addresses)
    }
}
