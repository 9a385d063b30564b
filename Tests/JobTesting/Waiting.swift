import Glibc

/// Waits for something that calls back once; every wait of a test comes down to this one.
///
/// A test is cancelled when it is over its time limit, which the run has then reported with the test's name. What it waits
/// for may never come, and its clean-up may wait for the same thing: so a wait that is cancelled ends the whole run.
package func untilCalledBack<Value: Sendable>(
    _ begin: (_ callBack: @escaping @Sendable (Value) -> Void) -> Void
) async -> Value {
    await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            begin { continuation.resume(returning: $0) }
        }
    } onCancel: {
        endRun()
    }
}

/// Gives way to what else is to be done, for a test that looks again and again; ends the run as ``untilCalledBack(_:)`` does.
package func giveWay() async {
    if Task.isCancelled { endRun() }
    await Task.yield()
}

private func endRun() -> Never {
    let message =
        "A test was cancelled while it waited: it is over its time limit, and named above. The run ends here.\n"
    _ = write(STDERR_FILENO, message, message.utf8.count)
    _exit(1)
}
