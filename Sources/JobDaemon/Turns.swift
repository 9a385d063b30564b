/// Long work of the loop, cut into turns: between two of them it hears its connections.
///
/// The loop looks at connections only when no task is due. Two kinds of work that each leave a pause behind a turn would
/// fill each other's pauses, and nobody else would be heard until both are done: so the pause is one for all.
struct Turns {
    enum Work: Hashable {
        /// Decides what is due.
        case tick
        /// Tells what is durable.
        case tell
    }

    private var isPaused = false
    /// In the order in which it was asked for.
    private var waiting: [Work] = []

    /// Whether the work may be done now; when not, it comes with ``next()``.
    mutating func mayBegin(_ work: Work) -> Bool {
        if isPaused { add(work) }
        return !isPaused
    }

    /// Has everything wait until ``endPause()``: a turn has ended before its work was done.
    ///
    /// - Parameter work: What goes on by itself, behind what waits already; nil when somebody will ask for it.
    mutating func pause(before work: Work?) {
        isPaused = true
        if let work { add(work) }
    }

    mutating func endPause() { isPaused = false }

    /// What is to be done now; nil when nothing waits, or all of it waits for the end of a pause.
    mutating func next() -> Work? { isPaused || waiting.isEmpty ? nil : waiting.removeFirst() }

    private mutating func add(_ work: Work) {
        if !waiting.contains(work) { waiting.append(work) }
    }
}
