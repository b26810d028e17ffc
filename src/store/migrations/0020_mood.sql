-- How customers of this company sound, learned from words that came with a score.
CREATE TABLE mood_model (
    mood_model_id BIGINT NOT NULL PRIMARY KEY, -- 1
    made_us BIGINT NOT NULL,
    texts BIGINT NOT NULL,             -- it was learned from so many
    right_ppm BIGINT NOT NULL,         -- of those held out it told so many right, in millionths
    lexicon_ppm BIGINT NOT NULL,       -- and the lexicons of heed so many
    model BYTEA NOT NULL               -- text/label.h: unhappy, neither, happy
);
