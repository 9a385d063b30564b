import Dispatch
import Glibc
import JobSystem

/// Keeps the parts running until a signal ends them all.
struct Supervisor {
    /// How long a part may take to end before it is killed: above the time that fronts and daemon give to their work.
    private static let stopGrace = Duration.seconds(15)
    /// How long orphans may take: a step has five seconds when its daemon is gone.
    private static let orphanGrace = Duration.seconds(8)

    private var children: [Child]
    private var isReady = false

    init(parts: [Part]) {
        children = parts.map(Child.init)
    }

    /// Starts the parts, and again each that ends; returns the exit code.
    ///
    /// - Parameter welcome: What is said when all of it is ready.
    /// - Returns: 0 after a signal to stop, 1 when a part cannot run.
    mutating func run(_ welcome: Welcome) -> Int32 {
        // Orphans come here, so that none is left when this process ends, and none stays a zombie.
        try? Machine.becomeSubreaper()
        Self.announce(welcome.url)
        while true {
            startThoseDue()
            if let failed = children.first(where: { $0.hasFailedForGood(beforeReady: !isReady) }) {
                Message.write("\(failed.part.name) does not start; what it said is above. Giving up.")
                stop()
                return 1
            }
            guard let signal = Signals.next(until: children.compactMap(\.startsAt).min()) else { continue }
            if Signals.isStop(signal) { break }
            if signal == Signals.ready {
                isReady = true
                Message.ready(welcome.url)
                welcome.say()
            }
            reap { $0.restart() }
        }
        stop()
        return 0
    }

    private mutating func startThoseDue() {
        let now = ContinuousClock.now
        for index in children.indices where children[index].isDue(at: now) { children[index].start(at: now) }
    }

    /// Takes leave of everything that has ended.
    private mutating func reap(_ whenEnded: (inout Child) -> Void) {
        var status: CInt = 0
        while case let id = waitpid(-1, &status, WNOHANG), id > 0 {
            guard let index = children.firstIndex(where: { $0.id == id }) else { continue }
            children[index].end(ProcessEnd(status: status))
            whenEnded(&children[index])
        }
    }

    /// Web server and fronts first, then the daemon, then whatever they left.
    private mutating func stop() {
        for doStrangers in [true, false] {
            let stage = children.indices.filter { children[$0].part.facesStrangers == doStrangers }
            for index in stage { children[index].send(SIGTERM) }
            wait(at: stage, until: .now + Self.stopGrace)
            for index in stage { children[index].send(SIGKILL) }
            wait(at: stage, until: nil)
        }
        let deadline = ContinuousClock.now + Self.orphanGrace
        while case let id = waitpid(-1, nil, WNOHANG), id >= 0, ContinuousClock.now < deadline {
            if id == 0 { _ = Signals.next(until: deadline) }
        }
    }

    /// A second signal to stop ends the wait.
    private mutating func wait(at stage: [Int], until deadline: ContinuousClock.Instant?) {
        while true {
            reap { _ in }
            if stage.allSatisfy({ children[$0].id == nil }) { return }
            if let deadline, ContinuousClock.now >= deadline { return }
            if let signal = Signals.next(until: deadline), Signals.isStop(signal), deadline != nil { return }
        }
    }

    /// Asks nginx, and through it a front and the daemon, until jobs can be created.
    private static func announce(_ url: LocalURL) {
        DispatchQueue.global().async {
            while !url.isReady { usleep(20_000) }
            kill(getpid(), Signals.ready)
        }
    }
}
