//! The rules of the server that the stand-in follows, with their sources.
//!
//! The sources are the server's public repository at the start of its current release line (folder
//! `src/KurrentDB.Core`), and the official Rust client 1.2.0. They were read, and nothing of them is copied. If a rule
//! is wrong, correct it here first, and then in the code of the stand-in.

/// A rule of the server.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What the server does.
    pub says: &'static str,
    /// Its source: a source file of the server or of a client, or a page of its documentation.
    pub known_from: &'static str,
}

const fn rule(says: &'static str, known_from: &'static str) -> Rule {
    Rule { says, known_from }
}

/// The rules that the stand-in follows.
pub const RULES: &[Rule] = &[
    rule(
        "An append that expects a revision which the stream has passed succeeds again with the first answer, \
         if every id is where it would have been; if not, it is a wrong version.",
        "Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit",
    ),
    rule(
        "An append that expects the current revision is written, whatever ids its events have.",
        "Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit",
    ),
    rule(
        "An append that expects any state is a repeat only as far as a cache of recent ids reaches.",
        "Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit (here the cache forgets nothing)",
    ),
    rule("Ids are looked up within one stream.", "Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit"),
    rule(
        "A wrong version is an answer, not an error: it names the expected and the current state, in fields of \
         before and since 20.6.",
        "Services/Transport/Grpc/Streams.Append.cs",
    ),
    rule(
        "The position in the answer to an append is that of its last event.",
        "Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit, for repeats; for first answers from tests of clients",
    ),
    rule(
        "An append counts its data, its metadata and twice the length of its types; above the largest append, \
         1 MiB up to 25.0, it is an invalid argument with the trailer maximum-append-size-exceeded.",
        "Services/Transport/Grpc/Streams.Append.cs; options of the server at its tags",
    ),
    rule(
        "An event without a type or a content type in its metadata is an invalid argument.",
        "Services/Transport/Grpc/Streams.Append.cs",
    ),
    rule(
        "A request that no client makes, as an append without a head, is an unknown error without words.",
        "Services/Transport/Grpc/Streams.Append.cs; the default of its gRPC library",
    ),
    rule(
        "In a batch each append is answered by itself, with a status of code, name and detail; a wrong version \
         has the code AlreadyExists.",
        "Services/Transport/Grpc/Streams.BatchAppend.cs and its extensions of google.rpc.Status",
    ),
    rule(
        "A stream that was deleted is not found until somebody writes; then it goes on after its last revision.",
        "Services/Storage/ReaderIndex/IndexWriter.cs; documentation of the server, streams",
    ),
    rule(
        "A stream that was tombstoned refuses reads and writes permanently (stream-deleted), and ends in $all with an \
         event $streamDeleted of the largest revision.",
        "Services/Transport/Grpc/RpcExceptions.cs; documentation of the server, streams",
    ),
    rule(
        "A read without the option for the form of ids is an invalid argument.",
        "Services/Transport/Grpc/Streams.Read.cs",
    ),
    rule(
        "A read without the control option is answered as for clients of before 21.10: without the last position \
         of the stream.",
        "Services/Transport/Grpc/Streams.Read.cs; Services/Transport/Enumerators/Enumerator.ReadStreamForwards.cs",
    ),
    rule(
        "A filter on one stream, and a subscription backwards, are combinations that are refused.",
        "Services/Transport/Grpc/Streams.Read.cs, CreateEnumerator",
    ),
    rule(
        "A filter is one regular expression or prefixes, on stream names or on types; the expression wins.",
        "Services/Transport/Grpc/Streams.Read.cs, ConvertToEventFilter",
    ),
    rule(
        "A stream that is missing is an answer to a read, not an error.",
        "Services/Transport/Enumerators/Enumerator.ReadStreamForwards.cs",
    ),
    rule(
        "A read of $all forwards includes the position it begins at, and backwards does not.",
        "Services/Storage/ReaderIndex/AllReader.cs",
    ),
    rule(
        "A subscription begins after its position.",
        "Services/Transport/Grpc/Streams.Read.cs; Services/Transport/Enumerators/Enumerator.AllSubscriptionFiltered.cs",
    ),
    rule(
        "A position at which no record begins is an invalid argument.",
        "Services/Transport/Grpc/RpcExceptions.cs, InvalidPositionException; Services/Storage/ReaderIndex/AllReader.cs",
    ),
    rule(
        "A filtered read sends events alone: where nothing matches it gives back no position.",
        "Services/Transport/Enumerators/Enumerator.ReadAllForwardsFiltered.cs",
    ),
    rule(
        "A filtered subscription that catches up sends a checkpoint each time it has looked at a window times the \
         multiplier, and one before it says that it has caught up.",
        "Services/Transport/Enumerators/Enumerator.AllSubscriptionFiltered.cs, CatchUp",
    ),
    rule(
        "That last checkpoint may lie before the end of the log: where nothing matched it is the beginning of the \
         last page.",
        "Services/Transport/Enumerators/Enumerator.AllSubscriptionFiltered.cs, CatchUp",
    ),
    rule(
        "A subscription that begins at the end or after it says at once that it has caught up, without a checkpoint.",
        "Services/Transport/Enumerators/Enumerator.AllSubscriptionFiltered.cs, MainLoop",
    ),
    rule(
        "CaughtUp of a subscription to $all has a position, unless there is none yet; that of a stream has a revision.",
        "Services/Transport/Grpc/Streams.Read.cs, Convert; streams.proto",
    ),
    rule(
        "That a subscription fell behind is not sent.",
        "Services/Transport/Grpc/Streams.Read.cs, TryConvertReadResponse",
    ),
    rule(
        "Commit and prepare position of an event are one number, the offset of its record.",
        "Services/Storage/ReaderIndex/AllReader.cs (events that transactions of before 2020 wrote are not so)",
    ),
    rule(
        "A call that requires the leader is refused by a follower with not-leader and where the leader is; without \
         that demand a follower answers reads and sends writes on.",
        "Services/Transport/Grpc/RpcExceptions.cs, LeaderInfo",
    ),
    rule(
        "Without a leader, or while it starts, a node is unavailable: Server Is Not Ready.",
        "Services/Transport/Grpc/RpcExceptions.cs, ServerNotReady",
    ),
    rule(
        "A write that the other nodes did not confirm in time is aborted, and may come to be.",
        "Services/Transport/Grpc/RpcExceptions.cs, Timeout; Services/Transport/Grpc/Streams.Append.cs",
    ),
    rule(
        "Streams whose names begin with $, $all among them, are for administrators unless an access list says \
         otherwise.",
        "documentation of the server, access control lists (access lists are not in the stand-in)",
    ),
    rule(
        "A wrong password is unauthenticated; what an account may not do is denied with the trailer access-denied.",
        "Services/Transport/Grpc/RpcExceptions.cs, AccessDenied; tests of the official clients",
    ),
    rule(
        "Gossip and the list of supported methods need no account.",
        "kurrentdb 1.2.0, server_features.rs, which sends none; defaults of the server",
    ),
];
