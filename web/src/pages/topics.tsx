export default function Topics() {
    return null;
}
