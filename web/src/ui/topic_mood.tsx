// How somebody feels about a topic; what is between -0.15 and 0.15 is neither (src/know/topic_read.h).
import { Mood } from "./bits";

export const TopicMood = ({ of }: { of: number }) => <Mood of={of <= -0.15 ? "unhappy" : of >= 0.15 ? "happy" : "neither"} />;
