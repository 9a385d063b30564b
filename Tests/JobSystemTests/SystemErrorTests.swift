import Glibc
import JobSystem
import JobTesting
import Testing

struct SystemErrorTests {
    @Test func anErrorNamesTheCallWhatItWasForAndTheReason() {
        let error = #expect(throws: SystemError.self) { try Directory(at: "/nonexistent/a") }
        #expect(error?.description == "open of /nonexistent/a failed: No such file or directory")
        #expect(SystemError("fork", errno: EAGAIN).description == "fork failed: Resource temporarily unavailable")
    }

    @Test(arguments: [
        (ENOSPC, [true, false, false, false]), (EDQUOT, [true, false, false, false]),
        (ENOENT, [false, true, false, false]), (EACCES, [false, false, true, false]),
        (EROFS, [false, false, true, false]), (EAGAIN, [false, false, false, true]),
        (EMFILE, [false, false, false, true]), (EIO, [false, false, false, false]),
    ])
    func anErrorIsOfOneKindAtMost(errno: CInt, kinds: [Bool]) {
        let error = SystemError("write", errno: errno)
        #expect([error.isStorageFull, error.isMissing, error.isForbidden, error.isShortage] == kinds)
    }

    @Test func aChildThatCannotBeStartedNamesTheCallThatFailed() {
        let spawn = Spawn(path: "/nonexistent", arguments: ["x"], environment: [:], descriptors: [])
        let error = #expect(throws: SystemError.self) { try spawn.start() }
        #expect(error?.call == "execve")
        #expect(error?.errno == ENOENT)
    }

    @Test func aSocketsPathHasALimit() {
        #expect(throws: Never.self) { try UnixAddress(String(repeating: "x", count: UnixAddress.maximumPathBytes)) }
        let long = String(repeating: "x", count: UnixAddress.maximumPathBytes + 1)
        #expect(throws: SystemError("bind", long, errno: ENAMETOOLONG)) { try UnixAddress(long) }
    }

    @Test func descriptorsArriveAtTheOtherEndOfASocket() throws {
        let (sender, receiver) = try Descriptors.socketPair(SOCK_SEQPACKET)
        let (reading, writing) = try Descriptors.pipe()
        defer { for descriptor in [receiver, reading, writing] { close(descriptor) } }
        try Descriptors.send([writing], over: sender)
        let received = try #require(try Descriptors.receive(over: receiver))
        #expect(received.count == 1)
        try Descriptors.writeAll("x".utf8, to: received[0])
        close(received[0])
        var byte: UInt8 = 0
        #expect(read(reading, &byte, 1) == 1)
        #expect(byte == UInt8(ascii: "x"))
        close(sender)
        #expect(try Descriptors.receive(over: receiver) == nil)
    }
}
