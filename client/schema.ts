// Generated from openapi.yaml by `npm run generate`.
export interface paths {
    "/api/chat/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The entry points
         * @description Absolute addresses of the collections, with which a client can start.
         */
        get: operations["getEntryPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bots/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The names of the bots
         * @description The bots that a conversation can be created with, in the order of the configuration. With `details=true` the client is sent on to `/api/chat/bots/details/`.
         */
        get: operations["listBots"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bots/details/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The bots with their descriptions
         * @description The same bots as `listBots` in the same order, with what the configuration says about them.
         */
        get: operations["listBotDetails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/limits/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The limits of this server
         * @description What a client should check before it sends something.
         */
        get: operations["getLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/sessions/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a session
         * @description A new session and its token, for clients without cookies. The token is sent as `Authorization: Bearer`. Clients with cookies need not call this: creating or joining a conversation gives them one. A session with a `role` is given to whoever sends the server's admin key as the bearer: a `manager` decides about messages of bots and reads all conversations, an `admin` also sees how bots fare.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/sessions/current/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I?
         * @description The session of the caller, if there is one, and what it may do.
         */
        get: operations["getCurrentSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List conversations
         * @description All conversations of this server by name, then id (those without a name first), when rooms are enabled or for a session with a role; 403 otherwise. With `mine=true`, always allowed with a session: those that the session is in, newest activity first, each with its last message and how many the session has not read. A hundred a page.
         */
        get: operations["listConversations"];
        put?: never;
        /**
         * Create a conversation
         * @description The caller becomes its first participant, the named bots the next. A caller without a session gets one, with the cookie `sessionid`. Without a nickname the one last used in this session is taken, or `ANON_` and the participant's id. Unknown fields are ignored.
         */
        post: operations["createConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * Read a conversation
         * @description Members always; others only when rooms are enabled, with `my_participant_id` null.
         */
        get: operations["getConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename a conversation
         * @description Any member may. Null takes the name away.
         */
        patch: operations["renameConversation"];
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/join/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join a conversation
         * @description The caller becomes a participant. A member gets the conversation with the same participant again, unchanged. Others need rooms to be enabled. A caller without a session gets one, with the cookie `sessionid`. Unknown fields are ignored.
         */
        post: operations["joinConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/leave/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Leave a conversation
         * @description The caller's participant leaves: it is taken out of the list of participants and can read and write no longer. What it said stays. Bots stay as long as their conversation.
         */
        post: operations["leaveConversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/read/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say how far one has read
         * @description Remembers that the caller has read everything up to a `seq`, for `unread_count` in the list of its own conversations. It never goes back, and nobody else is told.
         */
        post: operations["markRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/participants/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * List the participants
         * @description Those who are in the conversation, in the order in which they joined.
         */
        get: operations["listParticipants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/participants/{participant_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The participant's id.
                 * @example 01936a2c-0000-7000-8000-00000000000a
                 */
                participant_id: components["parameters"]["ParticipantId"];
            };
            cookie?: never;
        };
        /**
         * Read a participant
         * @description Also one who has left.
         */
        get: operations["getParticipant"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Rename oneself
         * @description Only the caller's own participant. Unknown fields are ignored.
         */
        patch: operations["renameParticipant"];
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * List messages
         * @description Oldest first. There are two ways to page, which do not mix:
         *
         *     - by time and number: `until`, then `since`, then `limit` (the newest *n* of what is left), then pages of a
         *       hundred by `page`. `count` is the number of messages before they are cut into pages.
         *     - by cursor, stable while messages arrive: one of `after`, `before`, `around` (a `seq`), with `limit` messages at
         *       most (100 when absent, 500 at most); there is no `count`.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Send a message
         * @description As JSON, or as a form when a file is sent; in the form `file` should be the last field.
         *
         *     `local_id` makes sending repeatable: the first time the answer is 201, the same content again is answered 200
         *     with the stored message, other content under the same `local_id` is refused. Unknown fields are ignored.
         *
         *     What a bot says in a conversation that is managed waits until it is approved. `command` is for the bot that
         *     manages the conversation, and ignored from everybody else.
         */
        post: operations["createMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/{message_id}/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        /**
         * Read a message
         * @description One message of the conversation.
         */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/{message_id}/approve/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a message
         * @description A message that waits becomes visible to people, perhaps with another text; what it said is kept. The first decision about a message holds: the same one again is answered like the first time, another one is refused.
         */
        post: operations["approveMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/{message_id}/reject/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject a message
         * @description A message that waits is never shown. The first decision about a message holds.
         */
        post: operations["rejectMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/{message_id}/redirect/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redirect a message to bots
         * @description Gives a message to some bots of the conversation, perhaps changed. A message that waits is thereby decided. A message that people see may be redirected to one bot after the other; for each bot the first time holds.
         */
        post: operations["redirectMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/messages/{message_id}/decisions/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        /**
         * Who decided what about a message
         * @description Oldest first, the last hundred, with the message as it was sent.
         */
        get: operations["listDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/approvals/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the messages that wait
         * @description The messages of all conversations that wait for a decision, oldest first.
         */
        get: operations["listApprovals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bot/deliveries/lease/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lease messages for a bot
         * @description For bots without an address. Gives the oldest message that the bot has not acknowledged, of as many conversations as there are. Whoever holds the lease must acknowledge, decline or extend it before it ends; otherwise the message is given again.
         */
        post: operations["leaseDeliveries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bot/deliveries/{delivery_id}/ack/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Acknowledge a message
         * @description The bot has got the message, and answers with as many messages as it likes, all of them or none stored. Again with the same lease it is answered like the first time and stores nothing.
         */
        post: operations["ackDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bot/deliveries/{delivery_id}/nack/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decline a message for now
         * @description The message is given again, after a pause.
         */
        post: operations["nackDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/bot/deliveries/{delivery_id}/extend/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a lease
         * @description The lease ends so many seconds from now.
         */
        post: operations["extendDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/admin/bots/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How the bots fare
         * @description The configured bots, and others that have still messages to get.
         */
        get: operations["listBotStates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/admin/bots/{bot}/redeliver/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The bot's name.
                 * @example ECHO
                 */
                bot: components["parameters"]["BotName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver again
         * @description What was dropped or has failed is delivered once more, what waits for another attempt at once, and a bot that has said that it is gone is tried again.
         */
        post: operations["redeliverToBot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/events/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * Read the log
         * @description The events after a `seq`, oldest first, only those that the caller may see. With `wait` the answer is held back until there is one, or the time is over. An `after` beyond `last_seq` is answered at once, without events: such a client should start again from a snapshot.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/events/stream/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * Follow the log
         * @description The events after a `seq` and then each as it happens, as Server-Sent Events: `id` is the `seq`, `event` the type, `data` the event as `listEvents` gives it. A client that reconnects with `Last-Event-ID` loses and doubles nothing. An event `reset` with `{"last_seq"}` ends the stream when `after` is beyond the log: start again from a snapshot.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/chat/conversations/{conversation_id}/snapshot/": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        /**
         * Read the present state
         * @description The conversation, its participants and its last messages as of `last_seq`, read at one moment: a client that goes on with the events after `last_seq` loses and doubles nothing.
         */
        get: operations["getSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media/chat/{folder}/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `chat_` and the conversation's id without dashes. */
                folder: string;
                /** @description `msg_`, the message's id without dashes, `_` and a secret key. */
                file: string;
            };
            cookie?: never;
        };
        /**
         * Read a file
         * @description The file of a message. Who knows its address may read it. Pictures, audio and video of safe types are shown by browsers, everything else is offered as a download.
         */
        get: operations["getMedia"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the process alive?
         * @description Answers as long as the process runs.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can the service take requests?
         * @description It can when the database answers, its migrations are applied and the process is not about to stop. Otherwise 503.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        EntryPoints: {
            /** Format: uri */
            conversations: string;
            /** Format: uri */
            sessions: string;
            /** Format: uri */
            bots: string;
            /** Format: uri */
            limits: string;
            /** Format: uri */
            openapi: string;
        };
        BotNames: {
            results: string[];
        };
        BotDetails: {
            results: components["schemas"]["Bot"][];
        };
        Bot: {
            /** @description The name to create a conversation with. */
            name: string;
            description: string;
            /** @description What runs the bot, such as `echo` or `webhook`. */
            kind: string;
            /** @description A conversation ends when a required bot is gone. */
            required: boolean;
        };
        /** @description Sizes in bytes, lengths in code points. */
        Limits: {
            /** @description Of the file of a message of type A; 0 disables the type. */
            MAX_ATTACHMENT_SIZE: number;
            /** @description Of the file of a message of type i; 0 disables the type. */
            MAX_IMAGE_SIZE: number;
            /** @description Of the file of a message of type V; 0 disables the type. */
            MAX_VIDEO_SIZE: number;
            /** @description Of the file of a message of type a; 0 disables the type. */
            MAX_AUDIO_SIZE: number;
            /** @description Of the file of a message of type v; 0 disables the type. */
            MAX_VOICE_SIZE: number;
            /** @description Of the text of a message. */
            MAX_TEXT_LENGTH: number;
            /** @description The greatest `limit` with a cursor. */
            MAX_PAGE_SIZE: number;
            /** @description Of a JSON body. */
            MAX_BODY_SIZE: number;
            /** @description Of one session, or of one address without a session; 0 is without limit. */
            MAX_REQUESTS_PER_MINUTE: number;
        };
        SessionInput: {
            nickname?: components["schemas"]["Nickname"];
            /**
             * @description Needs the admin key.
             * @enum {string}
             */
            role?: "manager" | "admin";
        };
        Session: {
            /** @description A JWT, to be sent as `Authorization: Bearer`. */
            token: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            session_id: string;
            /** @enum {string|null} */
            role: "manager" | "admin" | null;
        };
        SessionState: {
            /** Format: date-time */
            expires_at: string | null;
            /**
             * Format: uuid
             * @description Null without a session.
             */
            session_id: string | null;
            /** @enum {string|null} */
            role: "manager" | "admin" | null;
            /** @description The one last used, the default of the next. */
            nickname: string | null;
            /** @description Whether everybody may list and join conversations here. */
            rooms: boolean;
        };
        /** @description The name of a participant; absent, null or empty for a default. */
        Nickname: string | null;
        ConversationInput: {
            nickname?: components["schemas"]["Nickname"];
            name?: components["schemas"]["ConversationName"];
            /** @description Names of bots, in the order in which they join; one named twice joins twice. */
            bots?: string[];
        };
        ConversationName: string | null;
        ConversationChange: {
            name: components["schemas"]["ConversationName"];
        };
        JoinInput: {
            nickname?: components["schemas"]["Nickname"];
        };
        /** @description Nothing is to be said. */
        LeaveInput: Record<string, never>;
        ReadInput: {
            /** @description Of the last event that was read; one beyond the log counts as the last of it. */
            seq: number;
        };
        ReadState: {
            read_seq: number;
            unread_count: number;
        };
        Conversation: {
            /** Format: uuid */
            id: string;
            name: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description Those who are in the conversation, in the order in which they joined. */
            participants: components["schemas"]["Participant"][];
            /**
             * Format: uuid
             * @description Null for those who are not in it.
             */
            my_participant_id: string | null;
        };
        ConversationHead: {
            /** Format: uuid */
            id: string;
            name: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Only of one that takes no new messages any more.
             */
            ended_at?: string;
        };
        /** @description The last three fields are given with `mine=true`; `last_message` is what was said last, and absent when nothing was said. */
        ConversationEntry: {
            /** Format: uuid */
            id: string;
            name: string | null;
            /** Format: date-time */
            created_at: string;
            participant_count: number;
            /** Format: uuid */
            my_participant_id: string | null;
            /** @description The last `seq` of the conversation. With `mine=true`. */
            last_seq?: number;
            /** @description Messages of others after those that the session has read; counted no further than 1,000. With `mine=true`. */
            unread_count?: number;
            last_message?: components["schemas"]["Message"];
        };
        ConversationPage: {
            /** @description Of all pages. */
            count: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["ConversationEntry"][];
        };
        Participant: {
            /** Format: uuid */
            id: string;
            name: string;
            /**
             * @description H: a person; B: a bot.
             * @enum {string}
             */
            type: "H" | "B";
            /**
             * Format: date-time
             * @description Only of one who has left.
             */
            left_at?: string;
        };
        ParticipantList: {
            results: components["schemas"]["Participant"][];
        };
        ParticipantChange: {
            name: string;
        };
        /**
         * @description T: text; A: attachment; i: image; V: video; a: audio; v: voice.
         * @enum {string}
         */
        MessageType: "T" | "A" | "i" | "V" | "a" | "v";
        /** @description A message to send. Unknown fields are ignored. */
        MessageInput: {
            type: components["schemas"]["MessageType"];
            text?: components["schemas"]["MessageText"];
            local_id?: components["schemas"]["LocalId"];
            quoted_message_id?: components["schemas"]["QuotedMessageId"];
            options?: components["schemas"]["MessageOptions"];
            external_file_url?: components["schemas"]["ExternalFileUrl"];
            command?: components["schemas"]["CommandText"];
        };
        /** @description A message to send, as a form. Unknown fields are ignored. */
        MessageForm: {
            type: components["schemas"]["MessageType"];
            text?: components["schemas"]["MessageText"];
            local_id?: components["schemas"]["LocalId"];
            quoted_message_id?: components["schemas"]["QuotedMessageId"];
            options?: components["schemas"]["MessageOptions"];
            external_file_url?: components["schemas"]["ExternalFileUrl"];
            command?: components["schemas"]["CommandText"];
            /**
             * Format: binary
             * @description The file of a message of type A, i, V, a or v. Its name is taken from the part's header, 255 code points at most.
             */
            file?: Blob;
        };
        /** @description What is said; for other types than T a caption. */
        MessageText: string | null;
        /** @description The sender's own id of the message, unique among its messages in the conversation; null or empty for none. */
        LocalId: string | null;
        /** @description The id of a message of the same conversation; null or empty for none. */
        QuotedMessageId: string | null;
        /** @description Answers that the reader is offered; with the text at most 262,144 bytes. */
        MessageOptions: string[] | null;
        /** @description The address of a file elsewhere, instead of `file`; null or empty for none. */
        ExternalFileUrl: string | null;
        /** @description What a manager wants done, a `ManagerCommand` as JSON text; null or empty for nothing. */
        CommandText: string | null;
        /**
         * @description What a bot that manages a conversation wants done, together or alone, all of it or nothing:
         *
         *     - `action`: what becomes of the quoted message. `approve` (with `text`, changed) and `reject` (with `reason`) are
         *       about one that waits, `redirect` gives it to `bots`, with `overrides`.
         *     - `self_approve`: this message itself is shown to people; `on_behalf_of` a participant, if one is named.
         *     - `self_redirect`: this message itself is given to `bots`, with `overrides`.
         */
        ManagerCommand: {
            /** @enum {string} */
            action?: "approve" | "reject" | "redirect";
            bots?: components["schemas"]["BotTargets"];
            overrides?: components["schemas"]["MessageOverrides"];
            text?: string;
            reason?: string;
            self_approve?: boolean;
            self_redirect?: boolean;
            /** @description The id of a participant. */
            on_behalf_of?: string;
        };
        /** @description Names or participant ids of bots of the conversation. */
        BotTargets: string[];
        /** @description The fields of the message that the receivers see changed. */
        MessageOverrides: {
            text?: string;
            options?: string[];
            /** Format: uuid */
            quoted_message_id?: string | null;
            /** Format: uuid */
            sender_id?: string;
            local_id?: string | null;
            sent_by_human?: boolean;
        };
        /** @description A message that a bot answers with. */
        BotMessage: {
            type: components["schemas"]["MessageType"];
            text?: components["schemas"]["MessageText"];
            quoted_message_id?: components["schemas"]["QuotedMessageId"];
            options?: components["schemas"]["MessageOptions"];
            external_file_url?: components["schemas"]["ExternalFileUrl"];
            command?: components["schemas"]["CommandText"];
        };
        /** @description What a bot may answer a delivery with. */
        BotAnswer: {
            messages?: components["schemas"]["BotMessage"][];
        };
        /** @description The fields after `sent_by_human` depend on `type`. */
        Message: components["schemas"]["SystemMessage"] | components["schemas"]["TextMessage"] | components["schemas"]["FileMessage"];
        /** @description Something that happened in the conversation, as its readers are told. */
        SystemMessage: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "S";
            /** Format: date-time */
            time: string;
            /** Format: uuid */
            id: string;
            sent_by_human: boolean;
            /** @enum {string} */
            event: "conversation-created" | "participant-joined" | "participant-left" | "conversation-ended";
            additional_metadata: components["schemas"]["SystemMessageMetadata"];
            options: string[];
            seq: number;
        };
        SystemMessageMetadata: {
            /**
             * Format: uuid
             * @description Whom the event is about.
             */
            participant_id?: string;
        };
        TextMessage: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "T";
            /** Format: date-time */
            time: string;
            /** Format: uuid */
            id: string;
            sent_by_human: boolean;
            /** Format: uuid */
            quoted_message_id: string | null;
            /** Format: uuid */
            sender_id: string;
            local_id: string | null;
            text: string;
            options: string[];
            seq: number;
        };
        FileMessage: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "A" | "i" | "V" | "a" | "v";
            /** Format: date-time */
            time: string;
            /** Format: uuid */
            id: string;
            sent_by_human: boolean;
            /** Format: uuid */
            quoted_message_id: string | null;
            /** Format: uuid */
            sender_id: string;
            local_id: string | null;
            text: string;
            /** @description A path of this server, or the address of a file elsewhere as its sender wrote it. */
            file_url: string;
            /** @description In bytes; null for a file elsewhere. */
            file_size: number | null;
            file_name: string | null;
            options: string[];
            /** @description The place in the log at which the message became visible to its reader. */
            seq: number;
        };
        MessagePage: {
            /** @description Of all pages; absent when paging by cursor. */
            count?: number;
            /** Format: uri */
            next: string | null;
            /** Format: uri */
            previous: string | null;
            results: components["schemas"]["Message"][];
        };
        /** @description Something visible that happened in a conversation. */
        Event: components["schemas"]["ConversationCreated"] | components["schemas"]["ConversationRenamed"] | components["schemas"]["ConversationEnded"] | components["schemas"]["ParticipantJoined"] | components["schemas"]["ParticipantRenamed"] | components["schemas"]["ParticipantLeft"] | components["schemas"]["MessageCreated"] | components["schemas"]["MessagePending"] | components["schemas"]["MessageDecided"] | components["schemas"]["MessageRedirected"] | components["schemas"]["DeliveryDropped"];
        ConversationCreated: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "conversation.created";
            seq: number;
            /** Format: date-time */
            time: string;
            conversation: components["schemas"]["ConversationHead"];
        };
        ConversationRenamed: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "conversation.renamed";
            seq: number;
            /** Format: date-time */
            time: string;
            conversation: components["schemas"]["ConversationHead"];
        };
        /** @description The conversation takes no new messages any more. */
        ConversationEnded: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "conversation.ended";
            seq: number;
            /** Format: date-time */
            time: string;
            conversation: components["schemas"]["ConversationHead"];
        };
        ParticipantJoined: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "participant.joined";
            seq: number;
            /** Format: date-time */
            time: string;
            participant: components["schemas"]["Participant"];
        };
        ParticipantRenamed: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "participant.renamed";
            seq: number;
            /** Format: date-time */
            time: string;
            participant: components["schemas"]["Participant"];
        };
        ParticipantLeft: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "participant.left";
            seq: number;
            /** Format: date-time */
            time: string;
            participant: components["schemas"]["Participant"];
        };
        MessageCreated: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message.created";
            seq: number;
            /** Format: date-time */
            time: string;
            message: components["schemas"]["Message"];
        };
        /** @description A message of a bot waits for a decision. For managers. */
        MessagePending: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message.pending";
            seq: number;
            /** Format: date-time */
            time: string;
            message: components["schemas"]["Message"];
            deadline: components["schemas"]["Deadline"];
        };
        /** @description Somebody has decided about a message. For managers. */
        MessageDecided: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message.decided";
            seq: number;
            /** Format: date-time */
            time: string;
            decision: components["schemas"]["Decision"];
        };
        /** @description A message is given to a bot by the manager. For this bot. */
        MessageRedirected: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "message.redirected";
            seq: number;
            /** Format: date-time */
            time: string;
            message: components["schemas"]["Message"];
        };
        /** @description A message could not be given to a bot in time. */
        DeliveryDropped: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "delivery.dropped";
            seq: number;
            /** Format: date-time */
            time: string;
            /** Format: uuid */
            message_id: string;
            /**
             * Format: uuid
             * @description The bot's.
             */
            participant_id: string;
        };
        /** @description Server-Sent Events. */
        EventStream: string;
        /**
         * Format: date-time
         * @description When the configuration decides instead of a manager; null for never.
         */
        Deadline: string | null;
        Decision: {
            /** @enum {string} */
            action: "approve" | "reject" | "redirect";
            /** Format: uuid */
            message_id: string;
            /** Format: date-time */
            time: string;
            by: components["schemas"]["Decider"];
            /** @description Of a rejection. */
            reason: string | null;
            /** @description What an approved message says instead of what it said. */
            text: string | null;
            /** @description The participant ids of the bots of a redirection. */
            targets: string[] | null;
            /** @description The changed fields of a redirected message, as JSON text. */
            overrides: string | null;
        };
        Decider: {
            /** @enum {string} */
            kind: "bot" | "person" | "timeout";
            /**
             * Format: uuid
             * @description The participant id of a bot or the session id of a person.
             */
            id: string | null;
        };
        DecisionList: {
            /** @description What the message said when it was sent. */
            original_text: string;
            results: components["schemas"]["Decision"][];
        };
        Approving: {
            /** @description What the message shall say instead. */
            text?: string;
        };
        Rejecting: {
            reason?: string;
        };
        Redirecting: {
            bots: components["schemas"]["BotTargets"];
            overrides?: components["schemas"]["MessageOverrides"];
        };
        Approval: {
            conversation: components["schemas"]["ConversationHead"];
            message: components["schemas"]["Message"];
            deadline: components["schemas"]["Deadline"];
        };
        ApprovalPage: {
            results: components["schemas"]["Approval"][];
            /**
             * Format: uuid
             * @description The `after` of the next page; null when there is none.
             */
            next: string | null;
        };
        Leasing: {
            /**
             * @description The most deliveries.
             * @default 1
             */
            max: number;
            /**
             * @description How long to wait for the first one, in seconds.
             * @default 0
             */
            wait_s: number;
            /**
             * @description How long they are leased, in seconds.
             * @default 60
             */
            lease_s: number;
        };
        LeasedDeliveries: {
            deliveries: components["schemas"]["LeasedDelivery"][];
        };
        LeasedDelivery: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            lease_id: string;
            /** Format: date-time */
            leased_until: string;
            attempt: number;
            conversation: components["schemas"]["ConversationHead"];
            /**
             * Format: uuid
             * @description The bot's own.
             */
            participant_id: string;
            message: components["schemas"]["Message"];
            /** @description The messages before it that the bot may see, oldest first. */
            history: components["schemas"]["Message"][];
        };
        /** @description What is posted to a bot of the kind `webhook`, signed as Standard Webhooks says. */
        BotDelivery: {
            /**
             * Format: uuid
             * @description The same at each attempt.
             */
            id: string;
            attempt: number;
            conversation: components["schemas"]["ConversationHead"];
            /**
             * Format: uuid
             * @description The bot's own.
             */
            participant_id: string;
            /** @description The token with which the bot may act in this conversation, as `Authorization: Bearer`. */
            session: string;
            message: components["schemas"]["Message"];
            /** @description The messages before it that the bot may see, oldest first. */
            history: components["schemas"]["Message"][];
        };
        Acking: {
            /** Format: uuid */
            lease_id: string;
            messages?: components["schemas"]["BotMessage"][];
        };
        Nacking: {
            /** Format: uuid */
            lease_id: string;
            /** @description The pause, in seconds; growing ones when absent. */
            pause_s?: number;
            /** @description For whoever looks after the bots. */
            reason?: string;
        };
        Extending: {
            /** Format: uuid */
            lease_id: string;
            lease_s: number;
        };
        DeliveryState: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            state: "open" | "done" | "cancelled" | "dropped" | "failed";
            /** Format: date-time */
            leased_until: string | null;
        };
        BotStateList: {
            results: components["schemas"]["BotState"][];
        };
        BotState: {
            name: string;
            /** @description Null for one that is configured no longer. */
            kind: string | null;
            /**
             * @description `disabled`: it has answered 410.
             * @enum {string}
             */
            state: "working" | "failing" | "disabled" | "unconfigured";
            /** @description Messages that it has not acknowledged. */
            open: number;
            /** Format: date-time */
            oldest_open_at: string | null;
            /** @description Messages that could not be given to it in time. */
            dropped: number;
            /** @description Messages whose answer made no sense. */
            failed: number;
            /** @description Failed attempts in a row. */
            failures: number;
            last_error: string | null;
            /** Format: date-time */
            last_error_at: string | null;
            /** Format: date-time */
            last_done_at: string | null;
        };
        /** @description Nothing is to be said. */
        Redelivering: Record<string, never>;
        Redelivered: {
            /** @description Those that were dropped or had failed. */
            reopened: number;
            /** @description Those that waited for another attempt. */
            hastened: number;
        };
        /** @description A frame to the server. The sender is writing something, or no longer. */
        ClientFrameTyping: {
            typing: components["schemas"]["TypingInput"];
        };
        TypingInput: {
            active: boolean;
        };
        /** @description A frame from the server. With a `seq` it is the next of the log that the client may see; without one it is for this connection alone, such as the answer to a message that was sent again. */
        ServerFrameMessage: {
            message: components["schemas"]["Message"];
            seq?: number;
        };
        /** @description A frame from the server that tells a client, which has come back, that it is connected. It is not stored. */
        ServerFramePassing: {
            message: components["schemas"]["PassingMessage"];
        };
        PassingMessage: {
            /** @constant */
            type: "S";
            /** Format: date-time */
            time: string;
            /** Format: uuid */
            id: string;
            sent_by_human: boolean;
            /** @constant */
            event: "participant-joined";
            additional_metadata: components["schemas"]["SystemMessageMetadata"];
            options: string[];
        };
        /** @description A frame from the server. An event of the log that is no message to be shown. */
        ServerFrameEvent: {
            event: components["schemas"]["Event"];
            seq: number;
        };
        /** @description A frame from the server. Who is in the conversation. */
        ServerFrameState: {
            state: components["schemas"]["LiveState"];
        };
        LiveState: {
            participants: components["schemas"]["Participant"][];
        };
        /** @description A frame from the server. Another participant is writing something, or no longer. */
        ServerFrameTyping: {
            typing: components["schemas"]["Typing"];
        };
        Typing: {
            /** Format: uuid */
            participant_id: string;
            active: boolean;
        };
        /** @description A frame from the server. What the client has sent is refused. */
        ServerFrameError: {
            error: components["schemas"]["FrameProblem"];
        };
        /** @description A problem (RFC 9457), and the `local_id` of the message that it is about. */
        FrameProblem: {
            /** Format: uri-reference */
            type: string;
            title: string;
            status: number;
            code: components["schemas"]["ProblemCode"];
            detail: string;
            errors?: components["schemas"]["FieldError"][];
            limit?: number;
            local_id: string | null;
        };
        /** @description A frame from the server, the last one. `after` is not in the log; start again from a snapshot. */
        ServerFrameReset: {
            reset: components["schemas"]["Reset"];
        };
        Reset: {
            last_seq: number;
        };
        EventPage: {
            events: components["schemas"]["Event"][];
            /** @description The last `seq` of the conversation. */
            last_seq: number;
            /** @description Whether there are events after the last one given. */
            has_more: boolean;
        };
        Snapshot: {
            conversation: components["schemas"]["ConversationHead"];
            participants: components["schemas"]["Participant"][];
            /**
             * Format: uuid
             * @description Null for a manager who is not in it.
             */
            my_participant_id: string | null;
            /** @description The last ones, oldest first. */
            messages: components["schemas"]["Message"][];
            last_seq: number;
        };
        /**
         * Format: binary
         * @description The bytes of a file.
         */
        FileContent: Blob;
        Health: {
            /** @constant */
            status: "ok";
        };
        /** @description An error (RFC 9457). */
        Problem: {
            /**
             * Format: uri-reference
             * @description Identifies the kind of problem, one for each code.
             */
            type: string;
            /** @description What kind of problem it is. */
            title: string;
            status: number;
            code: components["schemas"]["ProblemCode"];
            /** @description What is wrong here and what to do. */
            detail: string;
            /** @description Which fields are wrong, each with a place and a reason. */
            errors?: components["schemas"]["FieldError"][];
            /** @description The limit that was passed, in the unit that `detail` names. */
            limit?: number;
        };
        /**
         * @description A stable name of the kind of problem.
         * @enum {string}
         */
        ProblemCode: "internal_error" | "server_busy" | "server_draining" | "rate_limited" | "request_malformed" | "request_timeout" | "headers_too_large" | "route_not_found" | "method_not_allowed" | "token_invalid" | "token_expired" | "session_not_found" | "session_required" | "body_missing" | "body_malformed" | "body_invalid" | "body_too_large" | "media_type_unsupported" | "query_invalid" | "rooms_disabled" | "not_a_participant" | "participant_not_yours" | "manager_required" | "admin_required" | "people_only" | "bot_token_required" | "conversation_not_found" | "participant_not_found" | "message_not_found" | "media_not_found" | "delivery_not_found" | "page_not_found" | "conversation_full" | "conversation_ended" | "local_id_conflict" | "already_decided" | "lease_lost" | "file_too_large" | "range_not_satisfiable" | "bot_not_found" | "quoted_message_not_found" | "command_invalid" | "file_missing" | "file_unexpected";
        FieldError: {
            /** @enum {string} */
            in: "body" | "query" | "header";
            /** @description Where the field is (RFC 6901), such as `/options/0`. */
            pointer: string;
            /** @description The rule that is broken, such as `required` or `max_length`. */
            code: string;
            /** @description What the field must be. */
            detail: string;
        };
    };
    responses: {
        /** @description The request cannot be fulfilled as it is. */
        ClientError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server cannot fulfil the request now. */
        ServerError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description The conversation's id.
         * @example 01936a2c-0000-7000-8000-00000000000c
         */
        ConversationId: string;
        /**
         * @description The participant's id.
         * @example 01936a2c-0000-7000-8000-00000000000a
         */
        ParticipantId: string;
        /**
         * @description The message's id.
         * @example 01936a2c-0000-7000-8000-0000000000f1
         */
        MessageId: string;
        /**
         * @description The delivery's id.
         * @example 01936a2c-0000-7000-8000-0000000000d1
         */
        DeliveryId: string;
        /**
         * @description The bot's name.
         * @example ECHO
         */
        BotName: string;
        /**
         * @description The number of the page, from 1, or `last`. One that does not exist is a 404.
         * @example 1
         */
        Page: string;
    };
    requestBodies: never;
    headers: {
        /** @description The cookie `sessionid`, when a session was created. */
        SessionCookie: string;
        /** @description The SHA-256 hash of the file, in quotes. */
        ETag: string;
        /** @description Always `bytes`. */
        AcceptRanges: string;
        /** @description Which bytes of how many. */
        ContentRange: string;
        /** @description `inline` for safe types, `attachment` for all others, with the name of the file. */
        ContentDisposition: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getEntryPoints: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The addresses. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "conversations": "http://localhost:8000/api/chat/conversations/",
                     *       "sessions": "http://localhost:8000/api/chat/sessions/",
                     *       "bots": "http://localhost:8000/api/chat/bots/",
                     *       "limits": "http://localhost:8000/api/chat/limits/",
                     *       "openapi": "http://localhost:8000/openapi.json"
                     *     }
                     */
                    "application/json": components["schemas"]["EntryPoints"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listBots: {
        parameters: {
            query?: {
                /** @description Sends the client on to the list with descriptions. */
                details?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The names. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         "ECHO",
                     *         "Calculator"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BotNames"];
                };
            };
            /** @description With `details=true`, the address of the list with descriptions. */
            307: {
                headers: {
                    /** @description The address of `listBotDetails`. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listBotDetails: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bots. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "name": "ECHO",
                     *           "description": "Answers in capitals.",
                     *           "kind": "echo",
                     *           "required": false
                     *         },
                     *         {
                     *           "name": "Calculator",
                     *           "description": "Answers with the value of an expression.",
                     *           "kind": "calculator",
                     *           "required": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BotDetails"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The limits. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "MAX_ATTACHMENT_SIZE": 15728640,
                     *       "MAX_IMAGE_SIZE": 15728640,
                     *       "MAX_VIDEO_SIZE": 26214400,
                     *       "MAX_AUDIO_SIZE": 15728640,
                     *       "MAX_VOICE_SIZE": 15728640,
                     *       "MAX_TEXT_LENGTH": 4000,
                     *       "MAX_PAGE_SIZE": 500,
                     *       "MAX_BODY_SIZE": 1048576,
                     *       "MAX_REQUESTS_PER_MINUTE": 12000
                     *     }
                     */
                    "application/json": components["schemas"]["Limits"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "nickname": "ana"
                 *     }
                 */
                "application/json": components["schemas"]["SessionInput"];
            };
        };
        responses: {
            /** @description The session. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTkz.b2s",
                     *       "expires_at": "2026-12-07T00:08:42.059Z",
                     *       "session_id": "01936a2c-0000-7000-8000-000000000001",
                     *       "role": null
                     *     }
                     */
                    "application/json": components["schemas"]["Session"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getCurrentSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "expires_at": "2026-12-07T00:08:42.059Z",
                     *       "session_id": "01936a2c-0000-7000-8000-000000000001",
                     *       "role": null,
                     *       "nickname": "ana",
                     *       "rooms": true
                     *     }
                     */
                    "application/json": components["schemas"]["SessionState"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listConversations: {
        parameters: {
            query?: {
                /**
                 * @description The number of the page, from 1, or `last`. One that does not exist is a 404.
                 * @example 1
                 */
                page?: components["parameters"]["Page"];
                /**
                 * @description Only the conversations that the session is in, newest activity first.
                 * @example true
                 */
                mine?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of conversations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "count": 1,
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000c",
                     *           "name": "Tea",
                     *           "created_at": "2026-11-23T00:08:42.059Z",
                     *           "participant_count": 3,
                     *           "my_participant_id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "last_seq": 8,
                     *           "unread_count": 0,
                     *           "last_message": {
                     *             "type": "T",
                     *             "time": "2026-11-23T00:08:43.059Z",
                     *             "id": "01936a2c-0000-7000-8000-0000000000f1",
                     *             "sent_by_human": true,
                     *             "quoted_message_id": null,
                     *             "sender_id": "01936a2c-0000-7000-8000-00000000000a",
                     *             "local_id": "l1",
                     *             "text": "hello",
                     *             "options": [],
                     *             "seq": 8
                     *           }
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ConversationPage"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    createConversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "nickname": "ana",
                 *       "name": "Tea",
                 *       "bots": [
                 *         "ECHO",
                 *         "Calculator"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ConversationInput"];
            };
        };
        responses: {
            /** @description The conversation. */
            201: {
                headers: {
                    "Set-Cookie": components["headers"]["SessionCookie"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000c",
                     *       "name": "Tea",
                     *       "created_at": "2026-11-23T00:08:42.059Z",
                     *       "participants": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ],
                     *       "my_participant_id": "01936a2c-0000-7000-8000-00000000000a"
                     *     }
                     */
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000c",
                     *       "name": "Tea",
                     *       "created_at": "2026-11-23T00:08:42.059Z",
                     *       "participants": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ],
                     *       "my_participant_id": "01936a2c-0000-7000-8000-00000000000a"
                     *     }
                     */
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    renameConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Coffee"
                 *     }
                 */
                "application/json": components["schemas"]["ConversationChange"];
            };
        };
        responses: {
            /** @description The conversation, renamed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000c",
                     *       "name": "Coffee",
                     *       "created_at": "2026-11-23T00:08:42.059Z",
                     *       "participants": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ],
                     *       "my_participant_id": "01936a2c-0000-7000-8000-00000000000a"
                     *     }
                     */
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    joinConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "nickname": "ana"
                 *     }
                 */
                "application/json": components["schemas"]["JoinInput"];
            };
        };
        responses: {
            /** @description The conversation. */
            200: {
                headers: {
                    "Set-Cookie": components["headers"]["SessionCookie"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000c",
                     *       "name": "Tea",
                     *       "created_at": "2026-11-23T00:08:42.059Z",
                     *       "participants": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ],
                     *       "my_participant_id": "01936a2c-0000-7000-8000-00000000000a"
                     *     }
                     */
                    "application/json": components["schemas"]["Conversation"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    leaveConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["LeaveInput"];
            };
        };
        responses: {
            /** @description The participant that left. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "name": "ana",
                     *       "type": "H",
                     *       "left_at": "2026-11-23T00:09:42.059Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Participant"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    markRead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "seq": 8
                 *     }
                 */
                "application/json": components["schemas"]["ReadInput"];
            };
        };
        responses: {
            /** @description How far the caller has read now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "read_seq": 8,
                     *       "unread_count": 0
                     *     }
                     */
                    "application/json": components["schemas"]["ReadState"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listParticipants: {
        parameters: {
            query?: {
                /** @description Those who left, too, each with `left_at`; the thousand who joined last. */
                left?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The participants. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ParticipantList"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The participant's id.
                 * @example 01936a2c-0000-7000-8000-00000000000a
                 */
                participant_id: components["parameters"]["ParticipantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The participant. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "name": "ana",
                     *       "type": "H"
                     *     }
                     */
                    "application/json": components["schemas"]["Participant"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    renameParticipant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The participant's id.
                 * @example 01936a2c-0000-7000-8000-00000000000a
                 */
                participant_id: components["parameters"]["ParticipantId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Ana Maria"
                 *     }
                 */
                "application/json": components["schemas"]["ParticipantChange"];
            };
        };
        responses: {
            /** @description The participant, renamed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "name": "Ana Maria",
                     *       "type": "H"
                     *     }
                     */
                    "application/json": components["schemas"]["Participant"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /**
                 * @description Only messages of this time or later. ISO 8601, UTC when it names no zone, or `now`.
                 * @example 2026-11-23T00:00:00Z
                 */
                since?: string;
                /**
                 * @description Only messages of this time or earlier. ISO 8601, UTC when it names no zone, or `now`.
                 * @example now
                 */
                until?: string;
                /**
                 * @description The newest so many messages; with a cursor, the most that are given at once, fewer when they are heavy.
                 * @example 1
                 */
                limit?: number;
                /**
                 * @description The number of the page, from 1, or `last`. One that does not exist is a 404.
                 * @example 1
                 */
                page?: components["parameters"]["Page"];
                /** @description Only messages with a greater `seq`, nearest first. */
                after?: number;
                /** @description Only messages with a smaller `seq`, nearest first (given oldest first, as always). */
                before?: number;
                /** @description Half of the messages with this `seq` or a smaller one, half with greater ones. */
                around?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "count": 1,
                     *       "next": null,
                     *       "previous": null,
                     *       "results": [
                     *         {
                     *           "type": "T",
                     *           "time": "2026-11-23T00:08:43.059Z",
                     *           "id": "01936a2c-0000-7000-8000-0000000000f1",
                     *           "sent_by_human": true,
                     *           "quoted_message_id": null,
                     *           "sender_id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "local_id": "l1",
                     *           "text": "hello",
                     *           "options": [],
                     *           "seq": 8
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    createMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "T",
                 *       "text": "hello",
                 *       "local_id": "l1"
                 *     }
                 */
                "application/json": components["schemas"]["MessageInput"];
                "multipart/form-data": components["schemas"]["MessageForm"];
            };
        };
        responses: {
            /** @description The message that an earlier request with this `local_id` has stored. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description The message, stored. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "T",
                     *       "time": "2026-11-23T00:08:43.059Z",
                     *       "id": "01936a2c-0000-7000-8000-0000000000f1",
                     *       "sent_by_human": true,
                     *       "quoted_message_id": null,
                     *       "sender_id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "local_id": "l1",
                     *       "text": "hello",
                     *       "options": [],
                     *       "seq": 8
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "type": "T",
                     *       "time": "2026-11-23T00:08:43.059Z",
                     *       "id": "01936a2c-0000-7000-8000-0000000000f1",
                     *       "sent_by_human": true,
                     *       "quoted_message_id": null,
                     *       "sender_id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "local_id": "l1",
                     *       "text": "hello",
                     *       "options": [],
                     *       "seq": 8
                     *     }
                     */
                    "application/json": components["schemas"]["Message"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    approveMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "text": "HELLO!"
                 *     }
                 */
                "application/json": components["schemas"]["Approving"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "action": "approve",
                     *       "message_id": "01936a2c-0000-7000-8000-0000000000f2",
                     *       "time": "2026-11-23T00:08:45.059Z",
                     *       "by": {
                     *         "kind": "person",
                     *         "id": "01936a2c-0000-7000-8000-000000000001"
                     *       },
                     *       "reason": null,
                     *       "text": "HELLO!",
                     *       "targets": null,
                     *       "overrides": null
                     *     }
                     */
                    "application/json": components["schemas"]["Decision"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    rejectMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "It is wrong."
                 *     }
                 */
                "application/json": components["schemas"]["Rejecting"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    redirectMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "bots": [
                 *         "ECHO"
                 *       ],
                 *       "overrides": {
                 *         "text": "hello"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["Redirecting"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decision"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listDecisions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
                /**
                 * @description The message's id.
                 * @example 01936a2c-0000-7000-8000-0000000000f1
                 */
                message_id: components["parameters"]["MessageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The decisions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "original_text": "HELLO",
                     *       "results": [
                     *         {
                     *           "action": "approve",
                     *           "message_id": "01936a2c-0000-7000-8000-0000000000f2",
                     *           "time": "2026-11-23T00:08:45.059Z",
                     *           "by": {
                     *             "kind": "person",
                     *             "id": "01936a2c-0000-7000-8000-000000000001"
                     *           },
                     *           "reason": null,
                     *           "text": "HELLO!",
                     *           "targets": null,
                     *           "overrides": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["DecisionList"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listApprovals: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                after?: string;
                /**
                 * @description The most messages that are given at once; fewer when they are heavy.
                 * @example 1
                 */
                limit?: number;
                /** @description How long to wait for a message when there is none, in seconds. */
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of messages. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "conversation": {
                     *             "id": "01936a2c-0000-7000-8000-00000000000c",
                     *             "name": "Tea",
                     *             "created_at": "2026-11-23T00:08:42.059Z"
                     *           },
                     *           "message": {
                     *             "type": "T",
                     *             "time": "2026-11-23T00:08:44.059Z",
                     *             "id": "01936a2c-0000-7000-8000-0000000000f2",
                     *             "sent_by_human": false,
                     *             "quoted_message_id": "01936a2c-0000-7000-8000-0000000000f1",
                     *             "sender_id": "01936a2c-0000-7000-8000-0000000000e0",
                     *             "local_id": "0f4c1a5e9d7b4f0e8b1f2a3c4d5e6f70",
                     *             "text": "HELLO",
                     *             "options": [],
                     *             "seq": 9
                     *           },
                     *           "deadline": null
                     *         }
                     *       ],
                     *       "next": null
                     *     }
                     */
                    "application/json": components["schemas"]["ApprovalPage"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    leaseDeliveries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "max": 10,
                 *       "wait_s": 0,
                 *       "lease_s": 60
                 *     }
                 */
                "application/json": components["schemas"]["Leasing"];
            };
        };
        responses: {
            /** @description The deliveries; none when there was nothing to do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deliveries": []
                     *     }
                     */
                    "application/json": components["schemas"]["LeasedDeliveries"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    ackDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lease_id": "01936a2c-0000-7000-8000-0000000000b1",
                 *       "messages": [
                 *         {
                 *           "type": "T",
                 *           "text": "HELLO"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Acking"];
            };
        };
        responses: {
            /** @description It is acknowledged. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "01936a2c-0000-7000-8000-0000000000d1",
                     *       "state": "done",
                     *       "leased_until": null
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryState"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    nackDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lease_id": "01936a2c-0000-7000-8000-0000000000b1",
                 *       "pause_s": 5,
                 *       "reason": "The model is busy."
                 *     }
                 */
                "application/json": components["schemas"]["Nacking"];
            };
        };
        responses: {
            /** @description It will be given again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryState"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    extendDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The delivery's id.
                 * @example 01936a2c-0000-7000-8000-0000000000d1
                 */
                delivery_id: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lease_id": "01936a2c-0000-7000-8000-0000000000b1",
                 *       "lease_s": 60
                 *     }
                 */
                "application/json": components["schemas"]["Extending"];
            };
        };
        responses: {
            /** @description The lease, extended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryState"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listBotStates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bots. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "name": "ECHO",
                     *           "kind": "echo",
                     *           "state": "working",
                     *           "open": 0,
                     *           "oldest_open_at": null,
                     *           "dropped": 0,
                     *           "failed": 0,
                     *           "failures": 0,
                     *           "last_error": null,
                     *           "last_error_at": null,
                     *           "last_done_at": "2026-11-23T00:08:45.059Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["BotStateList"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    redeliverToBot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The bot's name.
                 * @example ECHO
                 */
                bot: components["parameters"]["BotName"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["Redelivering"];
            };
        };
        responses: {
            /** @description How many messages were put back. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "reopened": 0,
                     *       "hastened": 0
                     *     }
                     */
                    "application/json": components["schemas"]["Redelivered"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description The `seq` of the last event that the client has seen. */
                after?: number;
                /**
                 * @description The most events that are given at once; fewer when they are heavy, with `has_more`.
                 * @example 1
                 */
                limit?: number;
                /** @description How long to wait for an event, in seconds. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "events": [
                     *         {
                     *           "type": "conversation.created",
                     *           "seq": 1,
                     *           "time": "2026-11-23T00:08:42.059Z",
                     *           "conversation": {
                     *             "id": "01936a2c-0000-7000-8000-00000000000c",
                     *             "name": "Tea",
                     *             "created_at": "2026-11-23T00:08:42.059Z"
                     *           }
                     *         }
                     *       ],
                     *       "last_seq": 8,
                     *       "has_more": true
                     *     }
                     */
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description The `seq` of the last event that the client has seen; absent for those to come. */
                after?: number;
            };
            header?: {
                /** @description The same, as browsers send it when they connect again; it goes before `after`. */
                "Last-Event-ID"?: string;
            };
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events, as long as the connection lasts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventStream"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getSnapshot: {
        parameters: {
            query?: {
                /**
                 * @description How many of the last messages; fewer when they are heavy.
                 * @example 1
                 */
                messages?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The conversation's id.
                 * @example 01936a2c-0000-7000-8000-00000000000c
                 */
                conversation_id: components["parameters"]["ConversationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The present state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "conversation": {
                     *         "id": "01936a2c-0000-7000-8000-00000000000c",
                     *         "name": "Tea",
                     *         "created_at": "2026-11-23T00:08:42.059Z"
                     *       },
                     *       "participants": [
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "name": "ana",
                     *           "type": "H"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000e0",
                     *           "name": "ECHO",
                     *           "type": "B"
                     *         },
                     *         {
                     *           "id": "01936a2c-0000-7000-8000-0000000000ca",
                     *           "name": "Calculator",
                     *           "type": "B"
                     *         }
                     *       ],
                     *       "my_participant_id": "01936a2c-0000-7000-8000-00000000000a",
                     *       "messages": [
                     *         {
                     *           "type": "T",
                     *           "time": "2026-11-23T00:08:43.059Z",
                     *           "id": "01936a2c-0000-7000-8000-0000000000f1",
                     *           "sent_by_human": true,
                     *           "quoted_message_id": null,
                     *           "sender_id": "01936a2c-0000-7000-8000-00000000000a",
                     *           "local_id": "l1",
                     *           "text": "hello",
                     *           "options": [],
                     *           "seq": 8
                     *         }
                     *       ],
                     *       "last_seq": 8
                     *     }
                     */
                    "application/json": components["schemas"]["Snapshot"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getMedia: {
        parameters: {
            query?: never;
            header?: {
                /** @description One range of bytes (RFC 9110). Several ranges are answered with the whole file. */
                Range?: string;
                /** @description The ETag of a copy that the client has. */
                "If-None-Match"?: string;
                /** @description The ETag of the copy that the client wants to complete. */
                "If-Range"?: string;
            };
            path: {
                /** @description `chat_` and the conversation's id without dashes. */
                folder: string;
                /** @description `msg_`, the message's id without dashes, `_` and a secret key. */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Accept-Ranges": components["headers"]["AcceptRanges"];
                    "Content-Disposition": components["headers"]["ContentDisposition"];
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": components["schemas"]["FileContent"];
                    "image/*": components["schemas"]["FileContent"];
                    "audio/*": components["schemas"]["FileContent"];
                    "video/*": components["schemas"]["FileContent"];
                };
            };
            /** @description The range of the file. */
            206: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    "Content-Range": components["headers"]["ContentRange"];
                    "Content-Disposition": components["headers"]["ContentDisposition"];
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": components["schemas"]["FileContent"];
                    "image/*": components["schemas"]["FileContent"];
                    "audio/*": components["schemas"]["FileContent"];
                    "video/*": components["schemas"]["FileContent"];
                };
            };
            /** @description The copy that the client has is the file. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            "4XX": components["responses"]["ClientError"];
            "5XX": components["responses"]["ServerError"];
        };
    };
}
