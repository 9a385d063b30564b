import Glibc
import JobSystem

/// A supervisor, from its fork to its end.
extension StepExec {
    /// Runs a step, and each further one that comes on the socket.
    static func supervise(_ ends: [CInt], idle: CInt, _ surroundings: RoomSurroundings) -> Never {
        guard setpgid(0, 0) == 0 else { _exit(1) }
        var (ends, idle) = (ends, idle)
        while ends.count == endCount, (try? Descriptors.place(ends + [idle])) != nil {
            let end = superviseStep(surroundings)
            say(end.exit, to: statusDescriptor)
            guard case .exited = end.exit, end.isOver, !Descendants.areLeft else {
                _exit(end.isOver ? 0 : SupervisorTable.leftOver)
            }
            // Nothing of the step is open any more once it says that it is idle.
            guard (try? Descriptors.place([idleDescriptor])) != nil else { _exit(1) }
            idle = 0
            var byte: UInt8 = 0
            guard send(idle, &byte, 1, CInt(MSG_NOSIGNAL)) == 1 else { _exit(0) }
            guard let next = try? Descriptors.receive(over: idle) else { _exit(0) }
            ends = next
        }
        _exit(1)
    }

    /// Runs one step.
    ///
    /// What it has opened itself is closed when it returns: later, the number may be one of the next step.
    private static func superviseStep(_ surroundings: RoomSurroundings) -> StepSupervisor.End {
        try? Descriptors.writeAll(SupervisorWords.begun(getpid()).utf8, to: statusDescriptor)
        let directory = Directory(adopting: directoryDescriptor, path: "the run's directory")
        guard let order = StepOrder.read(from: controlDescriptor) else {
            return StepSupervisor.End(exit: .lost, isOver: true)
        }
        guard let room = order.room else {
            var supervisor = StepSupervisor(order, watching: directory)
            return supervisor.run()
        }
        var supervisor = RoomSupervisor(order, room: room, in: surroundings, watching: directory)
        return StepSupervisor.End(exit: supervisor.run(), isOver: true)
    }
}
