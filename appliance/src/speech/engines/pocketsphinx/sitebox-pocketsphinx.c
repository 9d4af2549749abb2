/*
 * Recognises phrases of a grammar in 16 kHz sound. Reads requests from standard input and writes answers to standard output; ends with its input.
 *
 * Usage: sitebox-pocketsphinx <acoustic model folder> <sessions>
 *
 * A message is: u32 length of the rest, u8 type, u32 session, payload (all little-endian).
 * Requests:  L  syllable loop     payload: JSGF \0 words          (first of all; the loop every score is measured against)
 *            G  grammar           payload: id \0 JSGF \0 words    (compiled by every session as soon as it is idle)
 *            U  forget a grammar  payload: id
 *            S  start utterance   payload: u32 number, id \0 cepstral means (13 floats, or nothing)
 *            A  audio             payload: 16-bit samples, 16 kHz mono
 *            E  end utterance     C  cancel utterance     P  ping
 *            "words" are lines of a word and its phones, as in a dictionary.
 * Answers:   r  every session is ready to listen
 *            g  grammar compiled by all sessions   payload: id \0 what is wrong with it, or nothing
 *            R  result                             payload: u32 number, i32 phrase score, i32 loop score, i32 frames, 13 floats of means, text
 *            X  an utterance cannot go on          payload: u32 number, why
 *            p  ping answered
 *
 * The number of an utterance comes back with its result, so that the late result of one that was given up is not taken for the next one's.
 *
 * One thread a session, each with its own pair of decoders: one follows the grammar, the other an unconstrained loop of syllables. How much worse the
 * grammar explains the sound than the loop does is what tells a phrase from anything else. Scores are acoustic only, so that they do not depend on
 * how large a grammar is. Second passes (fwdflat, bestpath) are off: the result is there when the last frame is.
 */
#include <errno.h>
#include <math.h>
#include <pocketsphinx.h>
#include <pthread.h>
#include <sphinxbase/cmn.h>
#include <sphinxbase/err.h>
#include <sphinxbase/feat.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CEPSTRA 13
#define MAX_MESSAGE (16u << 20)
#define LOOP "loop"

typedef struct Message {
    struct Message *next;
    uint8_t type;
    uint32_t length;
    char payload[];
} Message;

typedef struct {
    Message *first, **last;
} Queue;

typedef struct {
    uint32_t number;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    Queue incoming;
    Queue deferred; /* grammars that came in the middle of an utterance */
    ps_decoder_t *phrase, *loop;
    int listening;
    uint32_t utterance;
} Session;

/* A grammar on its way through the sessions; the last one to compile it answers. */
typedef struct Compiling {
    struct Compiling *next;
    char *id;
    char *fault;
    unsigned waiting;
} Compiling;

static const char *model_folder;
static unsigned session_count;
static Session *sessions;
static unsigned sessions_starting;
static Compiling *compiling;
static pthread_mutex_t compiling_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;

static void *checked(void *memory) {
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(3);
    }
    return memory;
}

static void write_all(const void *data, size_t length) {
    const char *at = data;
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, at, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) _exit(0); /* the reader is gone */
        at += written;
        length -= (size_t)written;
    }
}

static void answer(uint8_t type, uint32_t session, const void *payload, size_t length) {
    char head[9];
    uint32_t total = (uint32_t)(5 + length);
    memcpy(head, &total, 4);
    head[4] = (char)type;
    memcpy(head + 5, &session, 4);
    pthread_mutex_lock(&output_lock);
    write_all(head, sizeof head);
    write_all(payload, length);
    pthread_mutex_unlock(&output_lock);
}

static void push(Queue *queue, Message *message) {
    message->next = NULL;
    if (queue->first == NULL) queue->last = &queue->first;
    *queue->last = message;
    queue->last = &message->next;
}

static Message *shift(Queue *queue) {
    Message *message = queue->first;
    if (message != NULL) queue->first = message->next;
    return message;
}

static Message *copy_of(const Message *message) {
    size_t size = sizeof *message + message->length + 1;
    return memcpy(checked(malloc(size)), message, size);
}

static void hand_to(Session *session, Message *message) {
    pthread_mutex_lock(&session->lock);
    push(&session->incoming, message);
    pthread_cond_signal(&session->wake);
    pthread_mutex_unlock(&session->lock);
}

/* The part of a payload after the `index`-th NUL; a payload is always NUL-terminated by the reader. */
static const char *part(const Message *message, int index) {
    const char *at = message->payload, *end = message->payload + message->length;
    while (index-- > 0) {
        at += strnlen(at, (size_t)(end - at));
        if (at < end) at++;
    }
    return at;
}

/*
 * compallsen: scores of a frame are relative to its best senone; only with all of them computed do the two decoders mean the same by a score
 * (without it they tell phrases from the rest no better than chance in four). ds 2 computes densities every other frame, which costs half and,
 * on the telephone, recognises no worse.
 */
static ps_decoder_t *open_decoder(int looping) {
    cmd_ln_t *config = cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", model_folder, "-samprate", "16000", "-fwdflat", "no", "-bestpath", "no",
                                   "-remove_silence", "no", "-remove_noise", "no", "-compallsen", "yes", "-ds", "2", NULL);
    if (config == NULL) return NULL;
    cmd_ln_set_float_r(config, "-lw", 1.0); /* a grammar's weights only break ties: sound decides, however many rooms there are */
    if (looping) { /* it may say anything, so narrow beams lose nothing */
        cmd_ln_set_float_r(config, "-beam", 1e-20);
        cmd_ln_set_float_r(config, "-pbeam", 1e-20);
        cmd_ln_set_float_r(config, "-wbeam", 1e-15);
        cmd_ln_set_int_r(config, "-maxhmmpf", 800);
    } else {
        cmd_ln_set_float_r(config, "-wip", 0.01); /* fewer words explain the same sound better */
        cmd_ln_set_float_r(config, "-beam", 1e-60);
        cmd_ln_set_float_r(config, "-pbeam", 1e-60);
        cmd_ln_set_float_r(config, "-wbeam", 1e-40);
        cmd_ln_set_int_r(config, "-maxhmmpf", 3000); /* bounds what a very large grammar may cost */
    }
    ps_decoder_t *decoder = ps_init(config);
    cmd_ln_free_r(config);
    return decoder;
}

/* Adds the words a decoder does not know yet; false when one has phones that the model lacks. */
static int add_words(ps_decoder_t *decoder, const char *words, char *fault, size_t fault_size) {
    char *copy = checked(strdup(words)), *rest = copy, *line;
    int good = 1;
    while (good && (line = strsep(&rest, "\n")) != NULL) {
        char *phones = line;
        char *word = strsep(&phones, " ");
        if (*word == '\0' || phones == NULL) continue;
        char *known = ps_lookup_word(decoder, word);
        if (known != NULL) {
            ckd_free(known);
        } else if (ps_add_word(decoder, word, phones, FALSE) < 0) {
            snprintf(fault, fault_size, "the word %s cannot be pronounced as %s", word, phones);
            good = 0;
        }
    }
    free(copy);
    return good;
}

static int compile(ps_decoder_t *decoder, const char *id, const char *jsgf, const char *words, char *fault, size_t fault_size) {
    if (!add_words(decoder, words, fault, fault_size)) return 0;
    if (ps_set_jsgf_string(decoder, id, jsgf) == 0) return 1;
    snprintf(fault, fault_size, "not a JSGF grammar, or one with a word that has no pronunciation");
    return 0;
}

static void compiled(const char *id, const char *fault) {
    pthread_mutex_lock(&compiling_lock);
    for (Compiling **at = &compiling; *at != NULL; at = &(*at)->next) {
        Compiling *one = *at;
        if (strcmp(one->id, id) != 0) continue;
        if (fault[0] != '\0' && one->fault == NULL) one->fault = checked(strdup(fault));
        if (--one->waiting == 0) {
            const char *why = one->fault == NULL ? "" : one->fault;
            size_t id_size = strlen(id) + 1, size = id_size + strlen(why);
            char *payload = checked(malloc(size + 1));
            strcpy(payload, id);
            strcpy(payload + id_size, why);
            answer('g', 0, payload, size);
            free(payload);
            *at = one->next;
            free(one->id);
            free(one->fault);
            free(one);
        }
        break;
    }
    pthread_mutex_unlock(&compiling_lock);
}

static void take_grammar(Session *session, const Message *message) {
    char fault[256] = "";
    if (message->type == 'U') {
        ps_unset_search(session->phrase, message->payload);
    } else {
        compile(session->phrase, message->payload, part(message, 1), part(message, 2), fault, sizeof fault);
        compiled(message->payload, fault);
    }
}

static void take_loop(Session *session, const Message *message) {
    char fault[256] = "";
    if (!compile(session->loop, LOOP, message->payload, part(message, 1), fault, sizeof fault) || ps_set_search(session->loop, LOOP) < 0) {
        fprintf(stderr, "the syllable loop: %s\n", fault);
        exit(4);
    }
    pthread_mutex_lock(&compiling_lock);
    if (--sessions_starting == 0) answer('r', 0, "", 0);
    pthread_mutex_unlock(&compiling_lock);
}

static void set_means(ps_decoder_t *decoder, const char *bytes) {
    mfcc_t means[CEPSTRA];
    memcpy(means, bytes, sizeof means);
    cmn_live_set(ps_get_feat(decoder)->cmn_struct, means);
}

static void refuse(Session *session, const char *why) {
    char payload[128];
    memcpy(payload, &session->utterance, 4);
    snprintf(payload + 4, sizeof payload - 4, "%s", why);
    answer('X', session->number, payload, 4 + strlen(payload + 4));
}

static void start(Session *session, const Message *message) {
    if (message->length < 4) return;
    memcpy(&session->utterance, message->payload, 4);
    if (session->listening) {
        refuse(session, "an utterance is already open");
        return;
    }
    const char *id = message->payload + 4, *end = message->payload + message->length;
    const char *means = id + strnlen(id, (size_t)(end - id)) + 1;
    if (ps_set_search(session->phrase, id) < 0) {
        refuse(session, "no such grammar");
        return;
    }
    if (means <= end && (size_t)(end - means) >= CEPSTRA * sizeof(mfcc_t)) {
        set_means(session->phrase, means);
        set_means(session->loop, means);
    }
    if (ps_start_utt(session->phrase) < 0 || ps_start_utt(session->loop) < 0) {
        refuse(session, "the decoder did not start");
        return;
    }
    session->listening = 1;
}

static void hear(Session *session, const Message *message) {
    if (!session->listening) return; /* the rest of an utterance that failed to start */
    const int16_t *samples = (const int16_t *)(const void *)message->payload;
    size_t count = message->length / sizeof *samples;
    ps_process_raw(session->phrase, samples, count, FALSE, FALSE);
    ps_process_raw(session->loop, samples, count, FALSE, FALSE);
}

static int32_t acoustic_score(ps_decoder_t *decoder) {
    int64_t total = 0;
    for (ps_seg_t *segment = ps_seg_iter(decoder); segment != NULL; segment = ps_seg_next(segment)) {
        int32 acoustic = 0, language, back;
        ps_seg_prob(segment, &acoustic, &language, &back);
        total += acoustic;
    }
    return total < INT32_MIN ? INT32_MIN : (int32_t)total;
}

static void stop(Session *session, int wanted) {
    if (!session->listening) return;
    session->listening = 0;
    ps_end_utt(session->phrase);
    ps_end_utt(session->loop);
    if (wanted) {
        int32 ignored;
        const char *text = ps_get_hyp(session->phrase, &ignored);
        if (text == NULL) text = "";
        struct {
            uint32_t utterance;
            int32_t phrase, loop, frames;
            mfcc_t means[CEPSTRA];
        } head;
        head.utterance = session->utterance;
        head.phrase = text[0] == '\0' ? 0 : acoustic_score(session->phrase);
        head.loop = acoustic_score(session->loop);
        head.frames = ps_get_n_frames(session->phrase);
        cmn_live_get(ps_get_feat(session->phrase)->cmn_struct, head.means);
        size_t length = strlen(text);
        char *payload = checked(malloc(sizeof head + length + 1));
        memcpy(payload, &head, sizeof head);
        memcpy(payload + sizeof head, text, length);
        answer('R', session->number, payload, sizeof head + length);
        free(payload);
    }
    for (Message *message; (message = shift(&session->deferred)) != NULL; free(message)) take_grammar(session, message);
}

static void handle(Session *session, Message *message) {
    switch (message->type) {
    case 'L': take_loop(session, message); break;
    case 'G':
    case 'U':
        if (session->listening) {
            push(&session->deferred, message);
            return;
        }
        take_grammar(session, message);
        break;
    case 'S': start(session, message); break;
    case 'A': hear(session, message); break;
    case 'E': stop(session, 1); break;
    case 'C': stop(session, 0); break;
    default: break;
    }
    free(message);
}

static void *run(void *argument) {
    Session *session = argument;
    err_set_logfp(NULL); /* the library logs per thread */
    session->phrase = open_decoder(0);
    session->loop = open_decoder(1);
    if (session->phrase == NULL || session->loop == NULL) {
        fprintf(stderr, "the acoustic model in %s cannot be loaded\n", model_folder);
        exit(2);
    }
    for (;;) {
        pthread_mutex_lock(&session->lock);
        while (session->incoming.first == NULL) pthread_cond_wait(&session->wake, &session->lock);
        Message *message = shift(&session->incoming);
        pthread_mutex_unlock(&session->lock);
        handle(session, message);
    }
    return NULL;
}

static int read_all(void *data, size_t length) {
    char *at = data;
    while (length > 0) {
        ssize_t got = read(STDIN_FILENO, at, length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        at += got;
        length -= (size_t)got;
    }
    return 1;
}

static void expect_compiled(const char *id) {
    Compiling *one = checked(calloc(1, sizeof *one));
    one->id = checked(strdup(id));
    one->waiting = session_count;
    pthread_mutex_lock(&compiling_lock);
    one->next = compiling;
    compiling = one;
    pthread_mutex_unlock(&compiling_lock);
}

int main(int argc, char **argv) {
    if (argc != 3 || (session_count = (unsigned)strtoul(argv[2], NULL, 10)) == 0 || session_count > 256) {
        fputs("usage: sitebox-pocketsphinx <acoustic model folder> <sessions>\n", stderr);
        return 64;
    }
    model_folder = argv[1];
    sessions_starting = session_count;
    sessions = checked(calloc(session_count, sizeof *sessions));
    for (unsigned i = 0; i < session_count; i++) {
        Session *session = &sessions[i];
        session->number = i;
        pthread_mutex_init(&session->lock, NULL);
        pthread_cond_init(&session->wake, NULL);
        if (pthread_create(&session->thread, NULL, run, session) != 0) return 3;
    }
    for (;;) {
        uint32_t length, number;
        uint8_t type;
        if (!read_all(&length, 4) || length < 5 || length > MAX_MESSAGE || !read_all(&type, 1) || !read_all(&number, 4)) _exit(0);
        Message *message = checked(malloc(sizeof *message + length - 5 + 1));
        message->type = type;
        message->length = length - 5;
        if (!read_all(message->payload, message->length)) _exit(0);
        message->payload[message->length] = '\0';
        if (type == 'P') {
            answer('p', number, "", 0);
            free(message);
        } else if (type == 'L' || type == 'G' || type == 'U') {
            if (type == 'G') expect_compiled(message->payload);
            for (unsigned i = 0; i < session_count; i++) hand_to(&sessions[i], copy_of(message));
            free(message);
        } else if (number < session_count) {
            hand_to(&sessions[number], message);
        } else {
            free(message);
        }
    }
}
