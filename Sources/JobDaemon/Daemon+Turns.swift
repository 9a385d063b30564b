import NIOCore

/// Long work, which leaves the loop to others between its turns.
extension Daemon {
    /// Behind a turn: long enough that the loop looks at its connections, which it does when no task is due.
    private static let pause = TimeAmount.microseconds(50)

    /// Does a turn of some work now, or behind the pause that is under way.
    func take(_ work: Turns.Work) {
        if turns.mayBegin(work) { perform(work) }
    }

    private func perform(_ work: Turns.Work) {
        switch work {
        // The clock brings what is left.
        case .tick: if lookAtWhatIsDue() { pause(before: nil) }
        case .tell: if tellWritten() { pause(before: .tell) }
        }
    }

    private func pause(before work: Turns.Work?) {
        turns.pause(before: work)
        loop.scheduleTask(in: Self.pause) { self.assumeIsolated { $0.goOn() } }
    }

    private func goOn() {
        turns.endPause()
        while let work = turns.next() { perform(work) }
    }
}
