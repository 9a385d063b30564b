import CJobSystem
import Glibc

/// The machine and this process's place on it.
package enum Machine {
    /// Whether the kernel knows that somebody keeps its clock right (adjtimex(2)).
    package static var clockIsSynchronized: Bool { clock_is_synchronized() }

    /// What has passed since the machine's start, time asleep included (`CLOCK_BOOTTIME`).
    package static var uptime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// A name for this start of the machine; empty when the kernel gives none.
    package static let bootId = SmallFile.read("/proc/sys/kernel/random/boot_id").map { String($0.prefix(36)) } ?? ""

    /// Gives the system back what was freed (malloc_trim(3)); other threads that allocate meanwhile may wait for it.
    package static func giveMemoryBack() { give_memory_back() }

    /// fork(2), for a process with one thread: its child, which gets 0, may go on in Swift.
    package static func fork() throws(SystemError) -> Int32 { try SystemError.check("fork", fork_process()) }

    /// Lets nobody of the same user look into this process or what it forks (`PR_SET_DUMPABLE`); a program that is executed
    /// is as before.
    package static func hide() throws(SystemError) { try SystemError.check("prctl", hide_process()) }

    /// Leaves this process nothing but to read at offsets of what it has open (pread(2)), to write to one descriptor, to have memory
    /// and to end; cannot be taken back.
    package static func confine(writingTo descriptor: CInt) throws(SystemError) {
        try SystemError.check("seccomp", confine_process(descriptor))
    }

    /// Makes this process and what it starts the first that the kernel ends for want of memory.
    ///
    /// Best effort: where it cannot be, the kernel decides by size alone.
    package static func offerMemory() {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = write(file, "500", 3)
    }

    /// Orphans below this process become its children (`PR_SET_CHILD_SUBREAPER`).
    package static func becomeSubreaper() throws(SystemError) { try SystemError.check("prctl", become_subreaper()) }
}
