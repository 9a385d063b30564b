import Testing

@testable import jobd

@Suite struct AsyncMutexTests {
    @Test(.timeLimit(.minutes(5))) func nobodyBeginsBeforeTheOneBeforeHasEnded() async {
        let mutex = AsyncMutex()
        let (events, told) = AsyncStream.makeStream(of: String.self)
        let (gate, opens) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await mutex.run { () -> Void in
                    told.yield("first begins")
                    for await _ in gate { break }
                    told.yield("first ends")
                }
            }
            var seen = events.makeAsyncIterator()
            #expect(await seen.next() == "first begins")
            for name in ["second", "third"] {
                group.addTask {
                    await mutex.run { () -> Void in told.yield("\(name) runs") }
                }
            }
            // However long the others have waited by then.
            opens.yield()
            #expect(await seen.next() == "first ends")
            #expect(Set([await seen.next(), await seen.next()]) == ["second runs", "third runs"])
        }
    }
}
