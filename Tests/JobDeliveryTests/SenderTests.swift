import JobDelivery
import JobModel
import JobTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// One try to send a message, to a server on this machine.
@Suite(.timeLimit(.minutes(5)))
struct SenderTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    /// A certificate for hook.test, good until 2120, and its key.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlob29rLnRl
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWhvb2sudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABK5hPIS9+4a0jg08
        +hrI2mqE150YdAuRgMeGrgDByyBhyGZcrCrkrZO8RyXAw1JbQY6RleW3Z3NDRNxD
        uPdu88GjSDBGMBQGA1UdEQQNMAuCCWhvb2sudGVzdDAPBgNVHRMBAf8EBTADAQH/
        MB0GA1UdDgQWBBTNzb6xPkNCuRdtAGVMCkBb8kgVgTAKBggqhkjOPQQDAgNIADBF
        AiAY2K1JDeg9CIP3Cae2DY/TaH19YNq3AFudHcSbFeJ/6gIhAPyTMMmH5l6VeksJ
        jYsEv4DsjX019je/o4Ljtp4kqIqp
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNyBLQB2SuTKYBAsv
        qltmozeQ22a53oWyVErfDGmxicOhRANCAASuYTyEvfuGtI4NPPoayNpqhNedGHQL
        kYDHhq4AwcsgYchmXKwq5K2TvEclwMNSW0GOkZXlt2dzQ0TcQ7j3bvPB
        -----END PRIVATE KEY-----
        """

    private static func tls() throws -> (NIOSSLCertificate, NIOSSLPrivateKey) {
        (
            try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem),
            try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        )
    }

    private static let loopback = "127.0.0.1"

    private static func surroundings(
        _ addresses: @escaping @Sendable (String) -> [String] = { _ in [loopback] }
    ) -> Sender.Surroundings {
        Sender.Surroundings(
            addresses: { .success(addresses($0).compactMap(IPAddress.init)) }, own: { [] },
            file: { $0 == "/secret" ? secret : nil }, now: { Timestamp(milliseconds: 1_614_265_330_123) })
    }

    private static func sender(_ surroundings: Sender.Surroundings, all: TimeAmount = .seconds(60)) -> Sender {
        var deadlines = Sender.Deadlines()
        deadlines.all = all
        return Sender(on: MultiThreadedEventLoopGroup.singleton, surroundings, deadlines: deadlines)
    }

    private static func order(
        _ url: String, allowPrivate: Bool = true, secretFile: String = "/secret"
    ) throws -> Order {
        Order(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", address: try #require(WebhookAddress(url)), secretFile: secretFile,
            allowPrivate: allowPrivate, body: #"{"test": 2432232314}"#)
    }

    private static func problem(_ outcome: Delivery.Outcome) -> String? {
        if case .failed(let problem, _, _) = outcome { problem } else { nil }
    }

    @Test func aMessageIsPostedWithItsSignature() async throws {
        let receiver = try await TestReceiver.start([.status(201)])
        let outcome = await Self.sender(Self.surroundings()).send(
            try Self.order("http://hook.test:\(receiver.port)/in?a=b"))
        #expect(outcome == .delivered(httpStatus: 201))
        let request = try #require(receiver.requests.first)
        #expect(request.uri == "/in?a=b" && request.body == #"{"test": 2432232314}"#)
        #expect(request.headers["host"] == ["hook.test:\(receiver.port)"])
        #expect(request.headers["content-type"] == ["application/json"])
        #expect(request.headers["webhook-id"] == ["msg_p5jXN8AQM9LWM0D4loKWxJek"])
        #expect(request.headers["webhook-timestamp"] == ["1614265330"])
        #expect(request.headers["webhook-signature"] == ["v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="])
        #expect(request.headers["user-agent"].first?.hasPrefix("jobd/") == true)
        try await receiver.stop()
    }

    // MARK: Where it goes

    /// The system knows no such name: who arrives was sent to the address that was looked at.
    @Test func theConnectionGoesToTheAddressThatWasLookedAtAtEachTry() async throws {
        let receiver = try await TestReceiver.start()
        let asked = Mutex(0)
        let sender = Self.sender(
            Self.surroundings { _ in
                asked.withLock { $0 += 1 }
                return [Self.loopback]
            })
        for _ in 0..<3 {
            let outcome = await sender.send(try Self.order("http://hook.test:\(receiver.port)/"))
            #expect(outcome == .delivered(httpStatus: 204))
        }
        #expect(asked.withLock { $0 } == 3 && receiver.connections == 3)
        try await receiver.stop()
    }

    @Test(arguments: ["http", "https"])
    func aNameThatMeansThisMachineAMomentLaterLeadsNowhereElse(scheme: String) async throws {
        let receiver = try await TestReceiver.start()
        // Public when it is looked at: nobody is there, and this machine is not asked in its place.
        let asked = Mutex(0)
        let surroundings = Self.surroundings { _ in
            asked.withLock { asked in
                asked += 1
                return asked == 1 ? ["2001:200::1"] : [Self.loopback]
            }
        }
        let sender = Self.sender(surroundings, all: .milliseconds(300))
        let order = try Self.order("\(scheme)://localhost:\(receiver.port)/", allowPrivate: false)
        #expect(Self.problem(await sender.send(order)) != nil)
        #expect(Self.problem(await sender.send(order))?.contains("allowPrivate") == true)
        #expect(asked.withLock { $0 } == 2 && receiver.connections == 0)
        try await receiver.stop()
    }

    @Test(arguments: [
        [loopback], ["::1"], ["::ffff:127.0.0.1"], ["10.0.0.1", loopback], ["169.254.169.254"], ["fd00::1"],
        ["0.0.0.0"],
    ])
    func whatIsNotPublicIsNotConnectedTo(addresses: [String]) async throws {
        let receiver = try await TestReceiver.start()
        let sender = Self.sender(Self.surroundings { _ in addresses })
        let outcome = await sender.send(try Self.order("http://hook.test:\(receiver.port)/", allowPrivate: false))
        #expect(Self.problem(outcome)?.contains("allowPrivate") == true)
        #expect(receiver.connections == 0)
        try await receiver.stop()
    }

    @Test func anAddressOfThisMachineIsRefusedThoughItIsPublic() async throws {
        var surroundings = Self.surroundings { _ in ["8.8.8.8"] }
        surroundings.own = { Set(["8.8.8.8"].compactMap(IPAddress.init)) }
        let outcome = await Self.sender(surroundings).send(try Self.order("http://hook.test/", allowPrivate: false))
        #expect(Self.problem(outcome)?.contains("this machine") == true)
    }

    @Test func theNextAddressIsTriedWhenNobodyAnswersAtTheFirst() async throws {
        let receiver = try await TestReceiver.start()
        // Nobody listens at this address of the same network.
        let sender = Self.sender(Self.surroundings { _ in ["127.0.0.2", Self.loopback] })
        let outcome = await sender.send(try Self.order("http://hook.test:\(receiver.port)/"))
        #expect(outcome == .delivered(httpStatus: 204))
        try await receiver.stop()
    }

    // MARK: Certificates

    @Test func theCertificateIsThatOfTheName() async throws {
        let (certificate, key) = try Self.tls()
        let receiver = try await TestReceiver.start(certificate: (certificate, key))
        var surroundings = Self.surroundings()
        let order = try Self.order("https://hook.test:\(receiver.port)/")
        #expect(Self.problem(await Self.sender(surroundings).send(order)) != nil, "nobody trusts it")
        surroundings.trusted = [certificate]
        let sender = Self.sender(surroundings)
        #expect(await sender.send(order) == .delivered(httpStatus: 204))
        for host in ["other.test", Self.loopback] {
            let other = try Self.order("https://\(host):\(receiver.port)/")
            #expect(Self.problem(await sender.send(other)) != nil, "the certificate is not that of \(host)")
        }
        #expect(receiver.requests.count == 1)
        try await receiver.stop()
    }

    // MARK: Answers

    @Test(arguments: [301, 302, 307, 308])
    func aRedirectIsNotFollowed(status: Int) async throws {
        let receiver = try await TestReceiver.start()
        let first = try await TestReceiver.start([.status(status, ["location": "http://hook.test:\(receiver.port)/"])])
        let outcome = await Self.sender(Self.surroundings()).send(try Self.order("http://hook.test:\(first.port)/"))
        #expect(
            outcome == .failed(problem: "Redirects are not followed: it answered \(status).", httpStatus: status))
        #expect(receiver.connections == 0)
        for receiver in [first, receiver] { try await receiver.stop() }
    }

    @Test(arguments: [("17", Duration.seconds(17)), ("99999999", .seconds(86_400)), ("-5", .zero)])
    func aReceiverSaysHowLongToWait(text: String, pause: Duration) async throws {
        let receiver = try await TestReceiver.start([.status(429, ["retry-after": text]), .status(503)])
        let (sender, order) = (
            Self.sender(Self.surroundings()), try Self.order("http://hook.test:\(receiver.port)/")
        )
        #expect(
            await sender.send(order)
                == .failed(problem: "The receiver answered 429.", httpStatus: 429, retryAfter: pause))
        #expect(await sender.send(order) == .failed(problem: "The receiver answered 503.", httpStatus: 503))
        try await receiver.stop()
    }

    @Test func anAnswerThatNeverEndsIsNotReadToItsEnd() async throws {
        let receiver = try await TestReceiver.start([.endless])
        let outcome = await Self.sender(Self.surroundings()).send(try Self.order("http://hook.test:\(receiver.port)/"))
        #expect(outcome == .delivered(httpStatus: 200))
        try await receiver.stop()
    }

    @Test func aReceiverThatSaysNothingIsGivenUpInTime() async throws {
        let receiver = try await TestReceiver.start(Array(repeating: .silence, count: 10))
        let order = try Self.order("http://hook.test:\(receiver.port)/")
        var times: [TimeAmount] = []
        // Longer on a machine that is so busy that the message did not arrive in that time.
        while receiver.requests.isEmpty {
            times.append(.milliseconds(200 << Int64(2 * times.count)))
            let outcome = await Self.sender(Self.surroundings(), all: times[times.count - 1]).send(order)
            #expect(Self.problem(outcome)?.contains("did not answer") == true)
        }
        #expect(receiver.requests.count <= times.count)
        try await receiver.stop()
    }

    // MARK: What is missing

    @Test func withoutAKeyNothingIsSent() async throws {
        let receiver = try await TestReceiver.start()
        let order = try Self.order("http://hook.test:\(receiver.port)/", secretFile: "/elsewhere")
        let outcome = await Self.sender(Self.surroundings()).send(order)
        #expect(Self.problem(outcome) == "The file /elsewhere cannot be read, so the message cannot be signed.")
        #expect(receiver.connections == 0)
        try await receiver.stop()
    }

    @Test func aNameWithoutAnAddressIsAProblem() async throws {
        let outcome = await Self.sender(Self.surroundings { _ in [] }).send(try Self.order("http://hook.test/"))
        #expect(Self.problem(outcome) == "The name hook.test has no address.")
    }
}
