-- What pages ask of words by time, and of what was said by the act that it belongs to, without reading everything.
CREATE INDEX meaning_topic_when ON meaning_topic (at_us);
CREATE INDEX theme_said_whole ON theme_said (whole);
